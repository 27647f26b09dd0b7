import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { pauseOperation } from '#commands/operation/pause.ts'
import { resumeOperation } from '#commands/operation/resume.ts'
import { cluster } from '#db/schema/cluster.ts'
import { useTestDatabase, type TestDatabase } from '#db/test-database.ts'
import { isConserved } from '#domain/operation/operation-counts.ts'
import type { OperationKind } from '#domain/operation/operation-kind.ts'
import { OPERATOR, waitFor } from '#engine/engine-fixture.ts'
import { FAILPOINT_STEPS } from '#engine/failpoint.ts'
import { openKafkaGround } from '#engine/kill-suite/kafka-ground.ts'
import {
  beginEpisode,
  readHolder,
  until,
  type Episode,
  type EpisodePlan,
  type EpisodeVerdict,
} from '#engine/kill-suite/kill-episode.ts'
import type { KillGround } from '#engine/kill-suite/kill-ground.ts'
import { openPgqueueGround } from '#engine/kill-suite/pgqueue-ground.ts'
import { openRabbitmqGround } from '#engine/kill-suite/rabbitmq-ground.ts'
import { runKillSchedule, WINDOW, type KillReport } from '#engine/kill-suite/run-kill-schedule.ts'
import { seededRandom } from '#engine/kill-suite/seeded-random.ts'

/** For each broker: of every six, four in a redrive, one in a discard and one in an import. */
const KILLS = Number(process.env['KILL_COUNT'] ?? 100)
/** In one batch of the fastest redrive. */
const FAST_MESSAGES = 2_000
const SEED = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000)
const CAP = 60
const LIMIT_MS = 120_000
const DAY_MS = 86_400_000
/** For many kills on a busy machine; nothing is judged by how long it took. */
const PATIENT = { timeout: 1_200_000 }
/** Inside a suite that runs beside others. */
const IN_TURN = { concurrent: false }
const SEEDED = `(KILL_SEED=${SEED})`

type OpenGround = KillGround & { close(): Promise<void> }
const kafkaBrokers = inject('kafkaBrokers')
const rabbitmq = inject('rabbitmq')
const NOWHERE = { address: '', managementUrl: '', username: '', password: '' }
interface Adapter {
  readonly name: string
  readonly isMissing: boolean
  readonly open: (ledger: TestDatabase) => Promise<OpenGround>
  /** How far the clocks of its workers are off. Kafka refuses records that are more than an hour ahead of its own. */
  readonly clocksMs: readonly number[]
  /** How many of the kills it gets. */
  readonly share: number
  /** Whether copies can be looked for at their destination without disturbing who works there. */
  readonly canLook: boolean
}

const ADAPTERS: readonly Adapter[] = [
  {
    name: 'Kafka',
    isMissing: kafkaBrokers === null,
    open: () => openKafkaGround(kafkaBrokers ?? ''),
    clocksMs: [-10 * DAY_MS, -5 * DAY_MS, 0],
    share: 1,
    canLook: true,
  },
  {
    name: 'Postgres queues',
    isMissing: false,
    open: ({ url }) => openPgqueueGround(url),
    clocksMs: [-10 * DAY_MS, 0, 10 * DAY_MS],
    share: 1,
    canLook: true,
  },
  {
    name: 'RabbitMQ',
    isMissing: rabbitmq === null,
    open: () => openRabbitmqGround(rabbitmq ?? NOWHERE),
    clocksMs: [-10 * DAY_MS, 0, 10 * DAY_MS],
    share: 0.25,
    canLook: false,
  },
]

// Most of a kill is waiting for a lease to end, so the brokers and the two kinds of kill wait side by side.
for (const adapter of ADAPTERS) {
  const kills = Math.ceil(KILLS * adapter.share)
  const discardKills = Math.ceil(kills / 6)
  const importKills = discardKills
  const redriveKills = kills - discardKills - importKills

  describe.skipIf(adapter.isMissing).concurrent(`on ${adapter.name}, at random moments of a redrive`, () => {
    const ledger = provideGround(adapter.open)

    test(`${redriveKills} kills lose nothing ${SEEDED}`, PATIENT, async () => {
      const report = await liveThrough(ledger, 'redrive', redriveKills)
      process.stdout.write(`kill -9 on ${adapter.name} ${SEEDED}: ${JSON.stringify(report)}\n`)
      expect(report).toMatchObject({ ...NO_DAMAGE, kills: redriveKills })
      expect(report.markedDuplicates).toBeLessThanOrEqual(WINDOW * report.takeovers)
    })
  })

  describe.skipIf(adapter.isMissing).concurrent(`on ${adapter.name}, at random moments of a discard`, () => {
    const ledger = provideGround(adapter.open)

    test(`${discardKills} kills lose nothing and keep nothing twice ${SEEDED}`, PATIENT, async () => {
      const report = await liveThrough(ledger, 'discard', discardKills)
      expect(report).toMatchObject({ ...NO_DAMAGE, kills: discardKills, markedDuplicates: 0 })
    })
  })

  describe.skipIf(adapter.isMissing).concurrent(`on ${adapter.name}, at random moments of an import`, () => {
    const ledger = provideGround(adapter.open)

    test(`${importKills} kills lose nothing of the file ${SEEDED}`, PATIENT, async () => {
      const report = await liveThrough(ledger, 'import', importKills)
      expect(report).toMatchObject({ ...NO_DAMAGE, kills: importKills })
      expect(report.markedDuplicates).toBeLessThanOrEqual(WINDOW * report.takeovers)
    })
  })

  describe.skipIf(adapter.isMissing).concurrent(`on ${adapter.name}, at chosen moments`, () => {
    const { database, ground } = provideGround(adapter.open)

    beforeAll(() => logClaims(database()))

    const inEpisode = async (
      plan: Pick<EpisodePlan, 'messageCount' | 'keyCount' | 'ratePerSecond'>,
      act: (episode: Episode) => Promise<void>,
    ): Promise<void> => {
      const setting = { client: database(), databaseUrl: database().url, ground: ground(), kind: 'redrive' as const }
      const episode = await beginEpisode({ ...setting, ...plan })
      try {
        await act(episode)
      } finally {
        await episode.end()
      }
    }

    const expectWhole = ({ view, leftAtSource, ...verdict }: EpisodeVerdict, messageCount: number): void => {
      const { lost, altered, strangers, unmarkedDuplicates, inversions, markedDuplicates } = verdict
      const damage = { unmarkedDuplicates, inversions, ...firstFew({ lost, altered, strangers }) }
      expect(damage).toEqual({ lost: [], altered: [], unmarkedDuplicates: 0, inversions: 0, strangers: [] })
      expect(view.operation.state).toBe('completed')
      expect(view.counts.confirmed).toBe(messageCount)
      expect(isConserved(view.operation.itemCount, view.counts)).toBe(true)
      expect(markedDuplicates).toBeLessThanOrEqual(view.counts.repeatedSends)
      expect(leftAtSource).toBe(ground().isEmptied ? 0 : messageCount)
    }

    test.each(FAILPOINT_STEPS)('nothing is lost when the engine dies at "%s"', IN_TURN, async (step) => {
      await inEpisode({ messageCount: 300, keyCount: 40, ratePerSecond: 100_000 }, async (episode) => {
        const [first, second] = await Promise.all([episode.spawn(), episode.spawn()])
        first.begin(`${step}:2:exit`)
        const operationId = await episode.ask()
        await episode.start(operationId)
        expect(await first.ended, first.readOutput()).toBe('SIGKILL')
        second.begin()
        expectWhole(await episode.judge(operationId), 300)
      })
    })

    test.skipIf(!adapter.canLook)(
      'what a crash at full speed leaves in doubt is found at the destination, not sent again',
      IN_TURN,
      async () => {
        const plan = { messageCount: FAST_MESSAGES, keyCount: 40, ratePerSecond: 100_000 }
        await inEpisode(plan, async (episode) => {
          const [first, second] = await Promise.all([episode.spawn(), episode.spawn()])
          first.begin('confirming:4:exit')
          const operationId = await episode.ask()
          await episode.start(operationId)
          expect(await first.ended, first.readOutput()).toBe('SIGKILL')
          second.begin()
          const verdict = await episode.judge(operationId)
          expectWhole(verdict, FAST_MESSAGES)
          expect(verdict.markedDuplicates).toBeLessThanOrEqual(WINDOW)
        })
      },
    )

    test(
      'three workers days apart send one at a time and within the cap, through pause and kill',
      IN_TURN,
      async () => {
        await inEpisode({ messageCount: 400, keyCount: 40, ratePerSecond: CAP }, async (episode) => {
          const workers = await Promise.all(
            adapter.clocksMs.map((clockOffsetMs) => episode.spawn({ clockOffsetMs, leaseTtlMs: 3_000 })),
          )
          for (const worker of workers) worker.begin()
          const operationId = await episode.ask()
          await episode.start(operationId)
          const as = { database: database().database, actor: OPERATOR }
          await waitFor(as.database, operationId, (view) => view.counts.confirmed > 60, LIMIT_MS)
          await pauseOperation(as, { operationId, reason: 'nothing is saved up meanwhile' })
          await waitFor(as.database, operationId, (view) => view.operation.state === 'paused', LIMIT_MS)
          await new Promise((resolve) => setTimeout(resolve, 1_000))
          await resumeOperation(as, { operationId })
          await waitFor(as.database, operationId, (view) => view.counts.confirmed > 160, LIMIT_MS)
          const holder = await readHolder(database(), operationId)
          await workers.find((worker) => worker.holder === holder?.holder)?.kill()
          expectWhole(await episode.judge(operationId), 400)
          const { busiest, tokens } = await readClaims(database(), operationId)
          expect(busiest).toBeLessThanOrEqual(CAP * 1.1)
          expect(busiest).toBeGreaterThan(0)
          // Never two at a time: a token that had its turn does not come back.
          expect(tokens).toEqual(tokens.toSorted((one, other) => one - other))
        })
      },
    )

    test('a holder that was stopped and wakes up after a takeover does no damage', IN_TURN, async () => {
      await inEpisode({ messageCount: 1_000, keyCount: 40, ratePerSecond: 400 }, async (episode) => {
        const [old, fresh] = await Promise.all([episode.spawn(), episode.spawn()])
        old.begin()
        const operationId = await episode.ask()
        await episode.start(operationId)
        await waitFor(database().database, operationId, (view) => view.counts.confirmed > 100, LIMIT_MS)
        const before = await readHolder(database(), operationId)
        old.signal('SIGSTOP')
        fresh.begin()
        const holder = await until(async () => {
          const found = await readHolder(database(), operationId)
          return found?.holder === fresh.holder ? found : null
        }, 'the takeover')
        await waitFor(database().database, operationId, (view) => view.counts.confirmed > 400, LIMIT_MS)
        old.signal('SIGCONT')
        expectWhole(await episode.judge(operationId), 1_000)
        expect(holder.token).toBeGreaterThan(before?.token ?? Infinity)
        const { tokens } = await readClaims(database(), operationId)
        expect(tokens).toEqual(tokens.toSorted((one, other) => one - other))
        expect(await readHolder(database(), operationId)).toBeNull()
      })
    })
  })
}

/** Every claim from now on, also a repeated one, with the token under which it was made. */
async function logClaims({ pool }: TestDatabase): Promise<void> {
  await pool.query(`
    create table claim_log (number bigserial, at timestamptz default clock_timestamp(), operation_id uuid, token bigint);
    create function log_claim() returns trigger language plpgsql as $$
    begin
      insert into claim_log (operation_id, token)
      select new.operation_id, new.fencing_token from unnest(new.ordinals);
      return null;
    end $$;
    create trigger log_claim after insert on operation_claim for each row execute function log_claim()`)
}

/** The most claims within a second, and the tokens in the order of their turns: one that comes back comes twice. */
async function readClaims(
  { pool }: TestDatabase,
  operationId: string,
): Promise<{ readonly busiest: number; readonly tokens: readonly number[] }> {
  const { rows } = await pool.query<{ busiest: number; tokens: string[] }>(
    `select max(within)::int as busiest, array_agg(token order by number) filter (where is_turn) as tokens from (
       select number, token, token is distinct from lag(token) over (order by number) as is_turn,
         count(*) over (order by at range between current row and interval '999 ms' following) as within
       from claim_log where operation_id = $1) as claims`,
    [operationId],
  )
  return { busiest: rows[0]?.busiest ?? 0, tokens: (rows[0]?.tokens ?? []).map(Number) }
}

const NO_DAMAGE = {
  lost: 0,
  altered: 0,
  unmarkedDuplicates: 0,
  inversions: 0,
  strangers: 0,
  misplaced: 0,
  unfinished: 0,
}

const liveThrough = (
  { database, ground }: ReturnType<typeof provideGround>,
  kind: OperationKind,
  kills: number,
): Promise<KillReport> =>
  runKillSchedule({
    client: database(),
    databaseUrl: database().url,
    ground: ground(),
    kind,
    kills,
    random: seededRandom(SEED),
  })

/** A ledger of these tests' own, as any engine takes any operation that it finds, and a broker to work on. */
function provideGround(open: (ledger: TestDatabase) => Promise<OpenGround>): {
  readonly database: () => TestDatabase
  readonly ground: () => KillGround
} {
  const database = useTestDatabase()
  let ground: OpenGround
  beforeAll(async () => {
    await database().database.insert(cluster).values({ id: 'k', kind: 'kafka', name: 'K', configuration: {} })
    ground = await open(database())
  })
  afterAll(() => ground.close())
  return { database, ground: () => ground }
}

const firstFew = (lists: Pick<EpisodeVerdict, 'lost' | 'altered' | 'strangers'>) => ({
  lost: lists.lost.slice(0, 5),
  altered: lists.altered.slice(0, 5),
  strangers: lists.strangers.slice(0, 5),
})
