import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Admin, Producer, stringSerializers } from '@platformatic/kafka'
import { sql } from 'drizzle-orm'
import { openBroker } from '#brokers/registry.ts'
import { type Database, openDatabase } from '#db/client.ts'
import { upsertCluster } from '#db/store/cluster-store.ts'
import { listConsumers } from '#db/store/consumer-list.ts'
import { COLLECTOR_FLAGS } from '../launcher/collector-flags.ts'
import { findFreePort } from '../launcher/free-port.ts'
import { startKafka } from '../launcher/servers/kafka.ts'
import { type Bench, runBench } from './bench-run.ts'
import { memoryMb } from './collector-run.ts'
import { quantile } from './quantile.ts'

/** One process may hold about 20,000 files, and every partition is one. */
const PARTITIONS_PER_BROKER = 14_000
/** Beyond some 8,000 partitions a broker stands still in the heap that it gets elsewhere. */
const BROKER_HEAP_MB = 768
const MOST_GROUPS_PER_BROKER = 5_000
const TOPICS_AT_ONCE = 500
const GROUPS_AT_ONCE = 50
/** Groups that work while it is measured: their positions move, and what they read grows. */
const BUSY_GROUPS = 250
const BUSY_EVERY_MS = 2_000
const MEASURED_CYCLES = 8
const LIMIT_MS = 200_000
/** Making thousands of topics takes minutes on a machine that is at something else; it is given up when it stands still. */
const STANDSTILL_MS = 120_000
const COORDINATOR_MS = 120_000

interface Crowd {
  readonly clusterId: string
  readonly address: string
  readonly topics: readonly string[]
  readonly partitions: number
  readonly groups: readonly string[]
}

/**
 * Seconds of the slowest of several polls of the positions of all groups on all brokers, read, judged and stored at the
 * product's own rhythm while some groups work and the list of consumers is asked for. Baseline: the slowest of the same
 * reads of the brokers, of which nothing is kept.
 */
await runBench('poll-scale', 10_000, async (bench) => {
  const databaseUrl = await bench.startDatabase()
  const client = openDatabase(databaseUrl, { maxConnections: 4, onError: (error) => console.error(error.message) })
  bench.onEnd(() => client.close())
  const brokerCount = Math.ceil(bench.size / PARTITIONS_PER_BROKER)
  const crowds = await Promise.all(
    Array.from({ length: brokerCount }, (_, index) => makeCrowd(bench, index, Math.ceil(bench.size / brokerCount))),
  )
  const groupCount = crowds.reduce((sum, { groups }) => sum + groups.length, 0)
  bench.show('partitions, groups, brokers', `${bench.size}, ${groupCount}, ${brokerCount}`)
  const bareMs = await readBare(crowds)
  bench.show('all read, nothing kept', `${Math.round(bareMs)} ms`)

  for (const { clusterId, address } of crowds) {
    const configuration = { brokers: [address] }
    const known = { id: clusterId, name: clusterId, environment: 'test', configuration, sealedSecret: null }
    await upsertCluster(client.database, { ...known, kind: 'kafka' })
  }
  const child = await startCollector(bench, databaseUrl)
  const working = new AbortController()
  const busy = Promise.all(crowds.map((crowd) => keepBusy(crowd, working.signal)))
  const listMs: number[] = []
  await untilCycles(client.database, crowds.length * MEASURED_CYCLES, async () => {
    const startedMs = performance.now()
    await listConsumers(client.database, { clusterId: null, states: null, search: null })
    listMs.push(performance.now() - startedMs)
    await delay(100)
  })
  working.abort()
  await busy
  const memory = memoryMb(child.pid ?? 0)
  const cycles = await readCycles(client.database)
  const lagMs = cycles.filter(({ kind }) => kind === 'lag').map(({ ms }) => ms)
  const inventoryMs = cycles.filter(({ kind }) => kind === 'inventory').map(({ ms }) => ms)
  // The first cycle of each cluster writes everything once; it is told apart.
  const steadyMs = lagMs.slice(crowds.length)
  const listP95Ms = quantile(listMs, 0.95)
  bench.show('first poll, which writes everything', `${Math.round(Math.max(...lagMs.slice(0, crowds.length)))} ms`)
  bench.show('polls after it, median', `${Math.round(quantile(steadyMs, 0.5))} ms`)
  bench.show('polls after it, slowest', `${Math.round(Math.max(...steadyMs))} ms`)
  bench.show('inventory, slowest', `${Math.round(Math.max(...inventoryMs))} ms`)
  bench.show('list of consumers meanwhile, p95', `${Math.round(listP95Ms)} ms`)
  bench.show('collector at its peak', `${Math.round(memory.peak)} MB`)
  return {
    value: Math.max(...steadyMs) / 1_000,
    unit: 's',
    baseline: bareMs / 1_000,
    firstS: Math.max(...lagMs.slice(0, crowds.length)) / 1_000,
    inventoryS: Math.max(...inventoryMs) / 1_000,
    listP95Ms,
    collectorMb: memory.peak,
    groupCount,
    brokerCount,
    target: brokerCount > 1 ? 8 : 3,
  }
})

async function makeCrowd(bench: Bench, index: number, partitionCount: number): Promise<Crowd> {
  const folder = join(bench.folder, `kafka-${index}`)
  const server = await startKafka({ folder, port: await findFreePort(0), heapMb: BROKER_HEAP_MB })
  bench.onEnd(() => server.stop())
  const partitions = bench.size > PARTITIONS_PER_BROKER ? 4 : 1
  const topics = Array.from({ length: Math.floor(partitionCount / partitions) }, (_, at) => `topic-${index}-${at}`)
  const groupCount = Math.min(MOST_GROUPS_PER_BROKER, Math.ceil(partitionCount / 2))
  const groups = Array.from({ length: groupCount }, (_, at) => `group-${index}-${at}`)
  const patience = { timeout: STANDSTILL_MS, requestTimeout: STANDSTILL_MS }
  const admin = new Admin({ clientId: 'bench', bootstrapBrokers: [server.brokers], retryDelay: 100, ...patience })
  for (let from = 0; from < topics.length; from += TOPICS_AT_ONCE) {
    const part = topics.slice(from, from + TOPICS_AT_ONCE)
    await admin.createTopics({ topics: part, partitions, replicas: 1 })
    // The answer comes long before the broker has opened them; what is asked for faster than that piles up.
    await untilTopics(admin, from + part.length, join(folder, 'server.log'))
  }
  const crowd = { clusterId: `crowd-${index}`, address: server.brokers, topics, partitions, groups }
  for (let from = 0; from < groups.length; from += GROUPS_AT_ONCE) {
    const part = Array.from({ length: Math.min(GROUPS_AT_ONCE, groups.length - from) }, (_, at) => from + at)
    await Promise.all(part.map((at) => commit(admin, crowd, at, 0n)))
  }
  await admin.close()
  return crowd
}

async function untilTopics(admin: Admin, count: number, serverLog: string): Promise<void> {
  let seen = 0
  for (let movedAtMs = Date.now(); ; await delay(200)) {
    const found = (await admin.listTopics()).length
    if (found >= count) return
    if (found > seen) movedAtMs = Date.now()
    seen = Math.max(seen, found)
    if (Date.now() - movedAtMs <= STANDSTILL_MS) continue
    const lastLines = readFileSync(serverLog, 'utf8').split('\n').slice(-15).join('\n')
    throw new Error(`only ${found} of ${count} topics appeared; the broker says:\n${lastLines}`)
  }
}

/** Each group works on as many topics as it takes that every partition has a group. */
function topicsOf({ topics, groups }: Crowd, at: number): readonly string[] {
  const share = Math.max(1, Math.ceil(topics.length / groups.length))
  return Array.from({ length: share }, (_, index) => topics[(at * share + index) % topics.length] ?? '')
}

async function commit(admin: Admin, crowd: Crowd, at: number, offset: bigint): Promise<void> {
  // Only the first partition of a topic gets messages.
  const partitionOffsets = Array.from({ length: crowd.partitions }, (_, partition) => ({
    partition,
    offset: partition === 0 ? offset : 0n,
  }))
  const topics = topicsOf(crowd, at).map((name) => ({ name, partitionOffsets }))
  for (const deadlineMs = Date.now() + COORDINATOR_MS; ; await delay(500)) {
    try {
      return await admin.alterConsumerGroupOffsets({ groupId: crowd.groups[at] ?? '', topics })
    } catch (error) {
      // The first commit on a fresh broker makes it create the topic that holds commits.
      if (Date.now() > deadlineMs) throw error
    }
  }
}

/** Some groups get messages all the time and stay a little behind. */
async function keepBusy(crowd: Crowd, signal: AbortSignal): Promise<void> {
  const client = { clientId: 'bench', bootstrapBrokers: [crowd.address], retryDelay: 100 }
  const admin = new Admin(client)
  const producer = new Producer({ ...client, serializers: stringSerializers })
  for (let round = 1n; !signal.aborted; round += 1n) {
    const busy = Array.from({ length: Math.min(BUSY_GROUPS, crowd.groups.length) }, (_, at) => at)
    const messages = busy.flatMap((at) =>
      topicsOf(crowd, at).map((topic) => ({ topic, partition: 0, key: '', value: `${round}` })),
    )
    await producer.send({ messages })
    for (let from = 0; from < busy.length; from += GROUPS_AT_ONCE) {
      await Promise.all(busy.slice(from, from + GROUPS_AT_ONCE).map((at) => commit(admin, crowd, at, round / 2n)))
    }
    await delay(BUSY_EVERY_MS, undefined, { signal }).catch(() => undefined)
  }
  await producer.close()
  await admin.close()
}

async function readBare(crowds: readonly Crowd[]): Promise<number> {
  const brokers = await Promise.all(
    crowds.map(({ clusterId, address }) =>
      openBroker({ clusterId, kind: 'kafka', configuration: { brokers: [address] }, secret: null }),
    ),
  )
  let slowestMs = 0
  for (let round = 0; round < 4; round += 1) {
    const startedMs = performance.now()
    await Promise.all(brokers.map((broker) => broker.lag.read(AbortSignal.timeout(60_000))))
    // The first reading opens the connections.
    if (round > 0) slowestMs = Math.max(slowestMs, performance.now() - startedMs)
  }
  await Promise.all(brokers.map((broker) => broker.close()))
  return slowestMs
}

async function startCollector(bench: Bench, databaseUrl: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [...COLLECTOR_FLAGS, join(import.meta.dirname, 'poll-collector.ts')], {
    env: { ...process.env, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  bench.onEnd(async () => {
    if (child.exitCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  if (child.stdout !== null) await once(child.stdout, 'data')
  return child
}

async function untilCycles(database: Database, count: number, meanwhile: () => Promise<void>): Promise<void> {
  for (const deadlineMs = Date.now() + LIMIT_MS; ;) {
    const done = (await readCycles(database)).filter(({ kind }) => kind === 'lag').length
    if (done >= count) return
    if (Date.now() > deadlineMs) throw new Error(`only ${done} of ${count} polls were done in time`)
    await meanwhile()
  }
}

async function readCycles(database: Database): Promise<readonly { kind: string; ms: number }[]> {
  const { rows } = await database.execute<{ kind: string; ms: number; outcome: string; reason: string | null }>(
    sql`select kind, duration_ms as ms, outcome, reason from poll_cycle where kind <> 'dead-letters' order by id`,
  )
  const bad = rows.find(({ outcome }) => outcome !== 'ok')
  if (bad !== undefined) throw new Error(`a poll of ${bad.kind} was ${bad.outcome}: ${bad.reason}`)
  return rows
}
