import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { Database } from '#db/client.ts'
import { deadLetter } from '#db/schema/dead-letter.ts'
import { listDeadLetterGroups } from '#db/store/dead-letter-group-list.ts'
import { foldDeadLetterTally, tallies } from '#db/store/dead-letter-tally.ts'
import { useTestDatabase } from '#db/test-database.ts'

const current = useTestDatabase()
const db = () => current().database
const STATES = ['open', 'redriven', 'discarded', 'expired'] as const
const HOUR_MS = 3_600_000
const NOW_MS = 1_763_726_400_000

interface Counted extends Record<string, unknown> {
  readonly key: string
  readonly count: number
}

/** Sums as they are kept, and as the letters themselves say, in one snapshot. */
async function compare(database: Database) {
  const { rows } = await database.execute<Counted & { kind: 'kept' | 'true' }>(sql`
    select 'kept' as kind, concat_ws('|', state, fingerprint, cluster_id, destination, origin_destination, consumer_group,
      dead_hour) as key, sum(letter_count)::int as count
    from ${tallies(sql`true`)} counted group by 2 having sum(letter_count) <> 0
    union all
    select 'true', concat_ws('|', state, fingerprint, cluster_id, destination, coalesce(origin_destination, ''),
      coalesce(consumer_group, ''), floor(extract(epoch from dead_at) / 3600)::int), count(*)::int
    from dead_letter group by 2
    order by 2, 3`)
  const of = (wanted: string) => rows.flatMap(({ kind, key, count }) => (kind === wanted ? [{ key, count }] : []))
  return { kept: of('kept'), actual: of('true') }
}

async function expectExact(database: Database) {
  const { kept, actual } = await compare(database)
  expect(kept).toEqual(actual)
}

const letters = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => ({
    clusterId: 'k',
    destination: `orders.${(from + at) % 3}.DLT`,
    position: `0@${from + at}`,
    deadAt: new Date(NOW_MS - ((from + at) % 5) * HOUR_MS),
    dialect: 'none',
    originDestination: (from + at) % 2 === 0 ? 'orders' : null,
    consumerGroup: (from + at) % 4 === 0 ? null : 'payments',
    fingerprint: `cause-${(from + at) % 4}`,
    fingerprintTitle: `Cause ${(from + at) % 4}`,
    headers: [],
    payloadBytes: 0,
  }))

test('sums stay exact while letters come, change their state and group, and folding goes on at the same time', async () => {
  await db().insert(deadLetter).values(letters(0, 400))
  const change = async (worker: number) => {
    for (let round = 0; round < 12; round += 1) {
      const state = STATES[(worker + round) % STATES.length]
      await db().transaction(async (transaction) => {
        await transaction.execute(sql`
          update dead_letter set state = ${state}, state_at = clock_timestamp()
          where id in (select id from dead_letter where id % 7 = ${(worker * 3 + round) % 7} order by id for update)`)
        if (round % 4 === 3) await transaction.insert(deadLetter).values(letters(1_000 * (worker + 1) + round * 20, 20))
      })
    }
  }
  const fold = async () => {
    for (let round = 0; round < 20; round += 1) {
      await foldDeadLetterTally(db())
      await expectExact(db())
    }
  }
  await Promise.all([change(0), change(1), change(2), fold(), fold()])
  await db().execute(
    sql`update dead_letter set fingerprint = 'cause-9', fingerprint_title = 'Cause 9' where id % 11 = 0`,
  )
  await db().execute(sql`delete from dead_letter where id % 13 = 0`)
  await expectExact(db())
  await foldDeadLetterTally(db())
  await expectExact(db())
})

test('what a transaction does is in its own sums at once, in those of others when it commits, and never when it does not', async () => {
  const openCount = async (database: Database) => (await listDeadLetterGroups(database, GROUPS)).totalCount
  await db().execute(sql`update dead_letter set state = 'open'`)
  const before = await openCount(db())
  await expect(
    db().transaction(async (transaction) => {
      await transaction.insert(deadLetter).values(letters(50_000, 10))
      expect(await openCount(transaction)).toBe(before + 10)
      expect(await openCount(db())).toBe(before)
      throw new Error('not after all')
    }),
  ).rejects.toThrow('not after all')
  expect(await openCount(db())).toBe(before)
})

test('a group whose last open letter is gone is listed no more, and its sums are not kept', async () => {
  await db()
    .insert(deadLetter)
    .values({ ...letters(90_000, 1)[0]!, fingerprint: 'lonely', fingerprintTitle: 'Lonely' })
  const listed = async () => (await listDeadLetterGroups(db(), GROUPS)).groups.map(({ fingerprint }) => fingerprint)
  expect(await listed()).toContain('lonely')
  await db().execute(sql`update dead_letter set state = 'expired' where fingerprint = 'lonely'`)
  expect(await listed()).not.toContain('lonely')
  await foldDeadLetterTally(db())
  const { rows } = await db().execute<{ state: string }>(
    sql`select state from dead_letter_tally where fingerprint = 'lonely' union all select 'unfolded' from dead_letter_tally_change`,
  )
  expect(rows).toEqual([{ state: 'expired' }])
})

const GROUPS = { state: 'open', clusterId: null, search: null, nowMs: NOW_MS, limit: 200 } as const
