import { eq, sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { lease as leaseTable } from '#db/schema/cluster.ts'
import { acquireLease, lockHeldLease, releaseLease, renewLease } from '#db/store/lease-store.ts'
import { runUnderLease } from '#db/store/run-under-lease.ts'
import { useTestDatabase } from '#db/test-database.ts'

const current = useTestDatabase()
const database = () => current().database
const expire = (name: string) =>
  database()
    .update(leaseTable)
    .set({ expiresAt: sql`clock_timestamp() - interval '1 second'` })
    .where(eq(leaseTable.name, name))

test('only one of two holders gets a lease, and the other gets it after its release with a higher token', async () => {
  const [a, b] = await Promise.all([acquireLease(database(), 'one', 'a'), acquireLease(database(), 'one', 'b')])
  const winner = a ?? b!
  expect([a, b].filter((lease) => lease !== null)).toHaveLength(1)
  expect(await acquireLease(database(), 'one', winner.holder)).toBeNull()
  await releaseLease(database(), winner)
  expect((await acquireLease(database(), 'one', 'c'))!.token).toBe(winner.token + 1)
})

test('an expired lease changes hands, and its old holder can neither renew, release nor write under it', async () => {
  const old = (await acquireLease(database(), 'two', 'a'))!
  expect(await renewLease(database(), old)).toBe(true)
  await expire('two')
  expect(await renewLease(database(), old)).toBe(false)
  const next = (await acquireLease(database(), 'two', 'b'))!
  expect(next.token).toBeGreaterThan(old.token)
  await releaseLease(database(), old)
  expect(await renewLease(database(), next)).toBe(true)
  await database().transaction(async (transaction) => {
    expect(await lockHeldLease(transaction, old)).toBe(false)
    expect(await lockHeldLease(transaction, next)).toBe(true)
  })
})

test('a token never falls, however often the lease is released', async () => {
  const tokens: number[] = []
  for (let round = 0; round < 5; round += 1) {
    const lease = (await acquireLease(database(), 'three', `holder-${round}`))!
    tokens.push(lease.token)
    await releaseLease(database(), lease)
  }
  expect(tokens).toEqual([1, 2, 3, 4, 5])
})

test('a transaction that locked its lease finishes before the lease can change hands', async () => {
  const lease = (await acquireLease(database(), 'four', 'a', 300))!
  const order: string[] = []
  let other: Promise<unknown> = Promise.resolve()
  await database().transaction(async (transaction) => {
    expect(await lockHeldLease(transaction, lease)).toBe(true)
    await transaction.execute(sql`select pg_sleep(0.5)`)
    const take = async () => {
      expect(await acquireLease(database(), 'four', 'b')).not.toBeNull()
      order.push('taken')
    }
    other = take()
    await transaction.execute(sql`select pg_sleep(0.2)`)
    order.push('committed')
  })
  await other
  expect(order).toEqual(['committed', 'taken'])
})

test('a run keeps its lease longer than one life of it, and gives it back', async () => {
  const outcome = await runUnderLease(
    database(),
    { name: 'five', holder: 'a', ttlMs: 2_000 },
    async (_lease, signal) => {
      await database().execute(sql`select pg_sleep(4.5)`)
      return signal.aborted
    },
  )
  expect(outcome).toEqual({ held: true, result: false })
  expect(await acquireLease(database(), 'five', 'b')).not.toBeNull()
})

test('a run is told at once when its lease is taken from it', async () => {
  const outcome = await runUnderLease(database(), { name: 'six', holder: 'a', ttlMs: 300 }, async (_lease, signal) => {
    await expire('six')
    expect(await acquireLease(database(), 'six', 'thief')).not.toBeNull()
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    return String(signal.reason)
  })
  expect(outcome).toMatchObject({ held: true, result: expect.stringContaining('another holder') })
})

test('a second run does not begin while the first one holds the lease', async () => {
  await runUnderLease(database(), { name: 'seven', holder: 'a' }, async () => {
    expect(await runUnderLease(database(), { name: 'seven', holder: 'b' }, async () => 'ran')).toEqual({ held: false })
  })
})
