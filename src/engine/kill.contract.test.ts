import { beforeAll, afterAll, describe, expect, inject, test } from 'vitest'
import { cluster } from '#db/schema/cluster.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { isConserved } from '#domain/operation/operation-counts.ts'
import { waitFor } from '#engine/engine-fixture.ts'
import { FAILPOINT_STEPS } from '#engine/failpoint.ts'
import { openKafkaGround } from '#engine/kill-suite/kafka-ground.ts'
import {
  beginEpisode,
  killHolders,
  readHolder,
  until,
  type Episode,
  type EpisodePlan,
  type EpisodeVerdict,
} from '#engine/kill-suite/kill-episode.ts'
import type { KillGround } from '#engine/kill-suite/kill-ground.ts'
import { openPgqueueGround } from '#engine/kill-suite/pgqueue-ground.ts'

const database = useTestDatabase()
const kafkaBrokers = inject('kafkaBrokers')

/** Four lanes with a batch of at most 500 each may be under way when the process dies. */
const WINDOW = 2_000
const RANDOM_KILLS = Number(process.env['KILL_COUNT'] ?? 8)
const SEED = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000)

beforeAll(async () => {
  await database().database.insert(cluster).values({ id: 'k', kind: 'kafka', name: 'K', configuration: {} })
})

describe.skipIf(kafkaBrokers === null)('on Kafka', () => {
  describeKills(() => openKafkaGround(kafkaBrokers ?? ''))
})
describe('on Postgres queues', () => {
  describeKills(() => openPgqueueGround(database().url))
})

function describeKills(open: () => Promise<KillGround & { close(): Promise<void> }>): void {
  let ground: KillGround & { close(): Promise<void> }
  beforeAll(async () => {
    ground = await open()
  })
  afterAll(() => ground.close())

  const inEpisode = async (
    plan: Pick<EpisodePlan, 'messageCount' | 'keyCount' | 'ratePerSecond'>,
    act: (episode: Episode) => Promise<void>,
  ): Promise<void> => {
    const episode = await beginEpisode({ client: database(), databaseUrl: database().url, ground, ...plan })
    try {
      await act(episode)
    } finally {
      await episode.end()
    }
  }

  const expectWhole = (verdict: EpisodeVerdict, crashes: number, messageCount: number): void => {
    const { view, leftAtSource, markedDuplicates, unmarkedDuplicates, inversions, ...lists } = verdict
    const damage = { unmarkedDuplicates, inversions, ...firstFew(lists) }
    expect(damage).toEqual({ lost: [], altered: [], unmarkedDuplicates: 0, inversions: 0, strangers: [] })
    expect(view.operation.state).toBe('completed')
    expect(view.counts.confirmed).toBe(messageCount)
    expect(isConserved(view.operation.itemCount, view.counts)).toBe(true)
    expect(markedDuplicates).toBeLessThanOrEqual(Math.min(WINDOW * crashes, view.counts.repeatedSends))
    expect(leftAtSource).toBe(ground.isEmptied ? 0 : messageCount)
  }

  test.each(FAILPOINT_STEPS)('nothing is lost when the engine dies at "%s"', async (step) => {
    await inEpisode({ messageCount: 600, keyCount: 40, ratePerSecond: 100_000 }, async (episode) => {
      const first = episode.spawn(`${step}:2:exit`)
      const operationId = await episode.redrive()
      expect(await first.ended, first.readOutput()).toBe('SIGKILL')
      episode.spawn()
      expectWhole(await episode.judge(operationId), 1, 600)
    })
  })

  test(`nothing is lost in ${RANDOM_KILLS} kills at random moments (KILL_SEED=${SEED})`, async () => {
    const random = mulberry32(SEED)
    let survived = 0
    while (survived < RANDOM_KILLS) {
      await inEpisode({ messageCount: 2_000, keyCount: 100, ratePerSecond: 500 }, async (episode) => {
        const planner = episode.spawn()
        const operationId = await episode.redrive()
        await planner.kill()
        const { kills, longestTakeoverMs } = await killHolders(episode, operationId, RANDOM_KILLS - survived, random)
        expectWhole(await episode.judge(operationId), kills + 1, 2_000)
        expect(longestTakeoverMs).toBeLessThan(15_000)
        survived += kills
      })
    }
  })

  test('a holder that was stopped and wakes up after a takeover does no damage', async () => {
    await inEpisode({ messageCount: 1_500, keyCount: 40, ratePerSecond: 500 }, async (episode) => {
      const old = episode.spawn()
      const operationId = await episode.redrive()
      await waitFor(database().database, operationId, (view) => view.counts.confirmed > 100)
      const oldToken = await readHolderToken(operationId)
      old.signal('SIGSTOP')
      const fresh = episode.spawn()
      const holder = await until(
        async () => {
          const found = await readHolder(database(), operationId)
          return found?.holder === fresh.holder ? found : null
        },
        60_000,
        'the takeover',
      )
      await waitFor(database().database, operationId, (view) => view.counts.confirmed > 600)
      old.signal('SIGCONT')
      const verdict = await episode.judge(operationId)
      expectWhole(verdict, 1, 1_500)
      expect(holder.token).toBeGreaterThan(oldToken)
    })
  })
}

const firstFew = (lists: Pick<EpisodeVerdict, 'lost' | 'altered' | 'strangers'>) => ({
  lost: lists.lost.slice(0, 5),
  altered: lists.altered.slice(0, 5),
  strangers: lists.strangers.slice(0, 5),
})

async function readHolderToken(operationId: string): Promise<number> {
  const { rows } = await database().pool.query<{ token: string }>(
    'select fencing_token as token from operation where id = $1',
    [operationId],
  )
  return Number(rows[0]?.token)
}

/** A small seeded generator: the same seed kills at the same moments. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
