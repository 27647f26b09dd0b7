import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { findFreePort } from '../../launcher/free-port.ts'
import { makeDatabase, migrateDatabase } from '../../launcher/prepare-database.ts'
import { startPostgres, type PostgresServer } from '../../launcher/servers/postgres.ts'
import { startIngest } from '#collector/ingest/start-ingest.ts'
import { resumeOperation } from '#commands/operation/resume.ts'
import { openDatabase, type DatabaseClient } from '#db/client.ts'
import { cluster } from '#db/schema/cluster.ts'
import { readOperation } from '#db/store/operation-store.ts'
import { isConserved } from '#domain/operation/operation-counts.ts'
import { OPERATOR, SILENT_LOG, waitFor } from '#engine/engine-fixture.ts'
import { openKafkaGround } from '#engine/kill-suite/kafka-ground.ts'
import { beginEpisode, until, type Episode } from '#engine/kill-suite/kill-episode.ts'
import type { KillGround } from '#engine/kill-suite/kill-ground.ts'
import { openPgqueueGround } from '#engine/kill-suite/pgqueue-ground.ts'
import { seededRandom } from '#engine/kill-suite/seeded-random.ts'

const SEED = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000)
/** More than the interruptions after which an operation would be left to a person. */
const POSTGRES_KILLS = 20
const OUTAGE_MS = Number(process.env['OUTAGE_MS'] ?? 5_000)
const kafkaBrokers = inject('kafkaBrokers')
const MESSAGES = 1_200
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

test(`${POSTGRES_KILLS} kills of Postgres and an outage cost redrives and ingest nothing but time (KILL_SEED=${SEED})`, async () => {
  const random = seededRandom(SEED)
  const folder = makeFolder()
  const port = await findFreePort(0)
  // A killed process loses nothing that the machine holds, and a restart need not wait for the disk.
  const settings = ['fsync=off']
  let server = await startPostgres({ folder: join(folder, 'postgres'), port, settings })
  onTestFinished(() => server.stop())
  const world = await openWorld(server.url)
  for (let killed = 0; killed < POSTGRES_KILLS; killed += 1) {
    await pause(200 + random() * 600)
    await kill(server)
    if (killed === 0) await pause(OUTAGE_MS)
    server = await restart(folder, port, settings)
  }
  const { refusals } = await world.expectWhole()
  expect(refusals).toBeGreaterThan(0)
})

const tmpfs = tryMount()
test.skipIf(tmpfs === null)(
  `a full disk makes redrives and ingest wait, and loses nothing${tmpfs === null ? ' (skipped: no tmpfs can be mounted here)' : ''}`,
  async () => {
    const folder = tmpfs ?? ''
    onTestFinished(() => unmount(folder))
    const port = await findFreePort(0)
    const settings = ['max_wal_size=64MB', 'min_wal_size=32MB', 'shared_buffers=32MB']
    let server = await startPostgres({ folder: join(folder, 'postgres'), port, settings })
    onTestFinished(() => server.stop())
    let isGone = false
    void server.exited.then(() => (isGone = true))
    const world = await openWorld(server.url)
    await until(async () => (world.sender.acknowledged() > 20 ? true : null), 'the first spans')
    const filler = fill(folder)
    const before = world.sender.refusals()
    await until(async () => (isGone || world.sender.refusals() > before + 5 ? true : null), 'the disk to be felt')
    rmSync(filler)
    if (isGone) server = await restart(folder, port, settings)
    const { refusals } = await world.expectWhole()
    expect(refusals).toBeGreaterThan(0)
  },
)

interface World {
  readonly sender: SpanSender
  /** Waits for every operation, looks at the brokers and at every acknowledged span. */
  expectWhole(): Promise<{ readonly refusals: number }>
}

/** A redrive on each broker and an ingest under load, all on one Postgres. */
async function openWorld(serverUrl: string): Promise<World> {
  const grounds: readonly ((url: string) => Promise<KillGround & { close(): Promise<void> }>)[] = [
    openPgqueueGround,
    ...(kafkaBrokers === null ? [] : [() => openKafkaGround(kafkaBrokers)]),
  ]
  const works = await Promise.all(grounds.map((open, at) => openWork(serverUrl, `ledger${at}`, open)))
  const spans = await openMigrated(serverUrl, 'spans')
  const ingest = await startIngest({ pool: spans.pool, httpPort: 0, grpcPort: 0, host: '127.0.0.1', log: SILENT_LOG })
  onTestFinished(() => ingest.stop())
  const sender = startSender(ingest.httpPort)
  return {
    sender,
    expectWhole: async () => {
      await Promise.all(works.map((work) => expectWorkDone(work)))
      await sender.stop()
      const traces = sender.acknowledgedTraces()
      const { rows } = await spans.pool.query(
        `select count(*)::int as rows, count(distinct trace_id)::int as traces from span where trace_id = any($1::uuid[])`,
        [traces],
      )
      expect(rows[0]).toEqual({ rows: traces.length * SPANS_PER_REQUEST, traces: traces.length })
      return { refusals: sender.refusals() }
    },
  }
}

interface Work {
  readonly client: DatabaseClient
  readonly ground: KillGround
  readonly episode: Episode
  readonly operationId: string
}

async function openWork(
  serverUrl: string,
  name: string,
  open: (url: string) => Promise<KillGround & { close(): Promise<void> }>,
): Promise<Work> {
  const client = await openMigrated(serverUrl, name)
  await client.database.insert(cluster).values({ id: 'k', kind: 'kafka', name: 'K', configuration: {} })
  const ground = await open(client.url)
  onTestFinished(() => ground.close())
  const setting = { client, databaseUrl: client.url, ground, kind: 'redrive' as const }
  const episode = await beginEpisode({ ...setting, messageCount: MESSAGES, keyCount: 40, ratePerSecond: 120 })
  onTestFinished(() => episode.end())
  const engine = await episode.spawn()
  engine.begin()
  const operationId = await episode.ask()
  await episode.start(operationId)
  return { client, ground, episode, operationId }
}

async function expectWorkDone({ client, ground, episode, operationId }: Work): Promise<void> {
  // Connections of the harness itself may have broken too: the first look may fail.
  const row = await until(() => readOperation(client.database, operationId).catch(() => null), 'the ledger to answer')
  if (row.state === 'paused') await resumeOperation({ database: client.database, actor: OPERATOR }, { operationId })
  await waitFor(client.database, operationId, (view) => view.counts.remaining === 0, 120_000)
  const { view, leftAtSource, markedDuplicates, ...damage } = await episode.judge(operationId)
  expect(damage).toEqual({ lost: [], altered: [], unmarkedDuplicates: 0, inversions: 0, strangers: [] })
  expect(view.counts.confirmed).toBe(MESSAGES)
  expect(isConserved(view.operation.itemCount, view.counts)).toBe(true)
  expect(markedDuplicates).toBeLessThanOrEqual(view.counts.repeatedSends)
  expect(leftAtSource).toBe(ground.isEmptied ? 0 : MESSAGES)
}

async function openMigrated(serverUrl: string, name: string): Promise<DatabaseClient & { readonly url: string }> {
  const url = await makeDatabase(serverUrl, name)
  await migrateDatabase(url)
  const client = openDatabase(url, { maxConnections: 6, onError: () => undefined })
  onTestFinished(() => client.close())
  return { ...client, url }
}

const SPANS_PER_REQUEST = 50

interface SpanSender {
  readonly acknowledged: () => number
  readonly acknowledgedTraces: () => readonly string[]
  readonly refusals: () => number
  stop(): Promise<void>
}

/** One request after the other; each is acknowledged, or refused in a way that makes every sender try again. */
function startSender(port: number): SpanSender {
  const acknowledged: string[] = []
  let refusals = 0
  let isOver = false
  const run = async (): Promise<void> => {
    for (let round = 0; !isOver; round += 1) {
      const traceId = `5e${String(round).padStart(6, '0')}`.padEnd(32, '7')
      const answer = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: requestOf(traceId),
      })
      await answer.arrayBuffer()
      if (answer.status === 200) acknowledged.push(traceId)
      else {
        refusals += 1
        expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2'])
      }
      await pause(50)
    }
  }
  const running = run()
  running.catch(() => undefined)
  return {
    acknowledged: () => acknowledged.length,
    acknowledgedTraces: () => acknowledged,
    refusals: () => refusals,
    stop: async () => {
      isOver = true
      await running
    },
  }
}

function requestOf(traceId: string): string {
  const spans = Array.from({ length: SPANS_PER_REQUEST }, (_, at) => ({
    traceId,
    spanId: String(at + 1).padStart(16, 'a'),
    name: 'process orders',
    startTimeUnixNano: String(Date.now() * 1_000_000),
    endTimeUnixNano: String(Date.now() * 1_000_000),
    attributes: [{ key: 'filling', value: { stringValue: `${traceId}-${at}`.repeat(20) } }],
  }))
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })
}

async function kill(server: PostgresServer): Promise<void> {
  process.kill(server.pid, 'SIGKILL')
  await server.exited
}

/** Its orphans may hold the shared memory for a moment. */
async function restart(folder: string, port: number, settings: readonly string[]): Promise<PostgresServer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startPostgres({ folder: join(folder, 'postgres'), port, settings })
    } catch (error) {
      if (attempt === 20) throw error
      await pause(250)
    }
  }
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-away-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A disk of its own that is soon full; null where this process may not mount one. */
function tryMount(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=320m,mode=0755', 'tmpfs', folder], { stdio: 'pipe' })
    return folder
  } catch {
    rmSync(folder, { recursive: true })
    return null
  }
}

function unmount(folder: string): void {
  execFileSync('umount', ['--lazy', folder])
  rmSync(folder, { recursive: true, force: true })
}

/** Writes until there is no room. Returns the file. */
function fill(folder: string): string {
  const file = join(folder, 'filler')
  const descriptor = openSync(file, 'w')
  for (const size of [1_048_576, 4_096]) {
    try {
      for (;;) writeSync(descriptor, Buffer.alloc(size))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }
  closeSync(descriptor)
  return file
}
