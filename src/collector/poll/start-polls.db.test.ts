import { asc, eq } from 'drizzle-orm'
import { expect, test, vi } from 'vitest'
import type { Broker } from '#brokers/broker.ts'
import { plainMessage } from '#brokers/contract-harness.ts'
import { openMemoryBroker } from '#brokers/memory/memory-broker.ts'
import {
  appendToMemory,
  consumeFromMemory,
  createMemoryDestination,
  createMemoryLog,
  type MemoryLog,
} from '#brokers/memory/memory-log.ts'
import type { PollRhythms } from '#collector/poll/poll-cluster.ts'
import { CONVENTIONS_ALONE } from '#collector/correlation/watch-correlation-rules.ts'
import { startPolls } from '#collector/poll/start-polls.ts'
import { cluster, consumerGroup, destination, groupLag, lagSample, pollCycle } from '#db/schema/cluster.ts'
import { deadLetter, deadLetterCursor } from '#db/schema/dead-letter.ts'
import { upsertCluster } from '#db/store/cluster-store.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { Failure } from '#domain/failure.ts'
import { createLog } from '#log.ts'

const current = useTestDatabase()
const db = () => current().database
const FAST: PollRhythms = {
  inventory: { intervalMs: 60, limitMs: 2_000, firstMs: 0 },
  lag: { intervalMs: 40, limitMs: 2_000, firstMs: 20 },
  'dead-letters': { intervalMs: 40, limitMs: 2_000, firstMs: 30 },
}
const eventually = { timeout: 40_000, interval: 30 }

async function register(id: string): Promise<MemoryLog> {
  await upsertCluster(db(), {
    id,
    kind: 'kafka',
    name: id,
    environment: 'test',
    configuration: {},
    sealedSecret: null,
  })
  const log = createMemoryLog(`installation-of-${id}`)
  createMemoryDestination(log, 'orders', { lanes: 2 })
  createMemoryDestination(log, 'orders.dead', { deadLettersOf: 'orders' })
  for (let ordinal = 0; ordinal < 20; ordinal += 1) appendToMemory(log, plainMessage('orders', ordinal))
  consumeFromMemory(log, 'payments', 'orders', 5)
  return log
}

const start = (brokers: Readonly<Record<string, Broker>>, holder: string, rhythms: PollRhythms = FAST) =>
  startPolls(
    {
      client: current(),
      holder,
      log: createLog('test', 'silent'),
      correlation: CONVENTIONS_ALONE,
      brokers: {
        get: async (id) => {
          const broker = brokers[id]
          if (broker === undefined) throw new Failure('broker-unavailable', `${id} does not answer`)
          return broker
        },
      },
    },
    'mended',
    rhythms,
  )

async function remove(...ids: readonly string[]): Promise<void> {
  for (const id of ids) await db().update(cluster).set({ removedAt: new Date() }).where(eq(cluster.id, id))
}

const clusterRow = async (id: string) => (await db().select().from(cluster).where(eq(cluster.id, id)))[0]!

test('a registered cluster becomes inventory, verdicts, samples, indexed dead letters and measured cycles', async () => {
  const log = await register('alpha')
  for (let ordinal = 0; ordinal < 3; ordinal += 1) appendToMemory(log, plainMessage('orders.dead', ordinal))
  const duty = await start({ alpha: openMemoryBroker('alpha', log) }, 'holder-1')
  try {
    await vi.waitFor(async () => {
      expect(await db().select().from(deadLetter).where(eq(deadLetter.clusterId, 'alpha'))).toHaveLength(3)
      expect(await clusterRow('alpha')).toMatchObject({
        status: 'connected',
        statusReason: null,
        brokerIdentity: 'installation-of-alpha',
        capabilities: { ageSource: 'history', canReplay: true },
      })
    }, eventually)
    await vi.waitFor(async () => {
      const destinations = await db()
        .select()
        .from(destination)
        .where(eq(destination.clusterId, 'alpha'))
        .orderBy(asc(destination.name))
      expect(destinations).toMatchObject([
        { name: 'orders', lanes: ['0', '1'], deadLetterFoundBy: null, goneAt: null },
        { name: 'orders.dead', deadLetterOrigin: 'orders' },
      ])
    }, eventually)
    await vi.waitFor(async () => {
      expect(await db().select().from(groupLag).where(eq(groupLag.clusterId, 'alpha'))).toMatchObject([
        { groupName: 'payments', destination: 'orders', lagMessages: 15, lostMessages: 0 },
      ])
      const kinds = new Set((await db().select().from(pollCycle)).map(({ kind, outcome }) => `${kind} ${outcome}`))
      expect(kinds).toEqual(new Set(['inventory ok', 'lag ok', 'dead-letters ok']))
    }, eventually)

    const samples = async () => (await db().select().from(lagSample).where(eq(lagSample.clusterId, 'alpha'))).length
    const cycles = async () => (await db().select().from(pollCycle).where(eq(pollCycle.kind, 'lag'))).length
    const [samplesBefore, cyclesBefore] = [await samples(), await cycles()]
    await vi.waitFor(async () => expect(await cycles()).toBeGreaterThan(cyclesBefore + 3), eventually)
    expect(await samples()).toBe(samplesBefore)
    consumeFromMemory(log, 'payments', 'orders', 1)
    await vi.waitFor(async () => expect(await samples()).toBeGreaterThan(samplesBefore), eventually)
  } finally {
    await duty.stop()
    await remove('alpha')
  }
})

test('a dead letter is indexed once, over restarts and with two collectors, and the cursor counts it', async () => {
  const log = await register('beta')
  const broker = openMemoryBroker('beta', log)
  const rows = () => db().select().from(deadLetter).where(eq(deadLetter.clusterId, 'beta'))
  for (const round of [1, 2]) {
    appendToMemory(log, plainMessage('orders.dead', round))
    const duties = [await start({ beta: broker }, `a-${round}`), await start({ beta: broker }, `b-${round}`)]
    await vi.waitFor(async () => expect(await rows()).toHaveLength(round), eventually)
    await Promise.all(duties.map((duty) => duty.stop()))
  }
  const cursors = await db().select().from(deadLetterCursor).where(eq(deadLetterCursor.clusterId, 'beta'))
  expect(cursors).toMatchObject([{ destination: 'orders.dead', indexedCount: 2 }])
  await remove('beta')
})

test('a broker that hangs is given up and does not stop the others; a partial answer is degraded, with the reason', async () => {
  const healthy = await register('gamma')
  await register('hanging')
  await register('absent')
  const memory = openMemoryBroker('gamma', healthy)
  const never = () => new Promise<never>(() => undefined)
  const hanging: Broker = {
    ...openMemoryBroker('hanging', createMemoryLog()),
    identify: never,
    inventory: { read: never },
    lag: { progress: 'commits', ageSource: 'history', read: never },
  }
  const partial: Broker = {
    ...memory,
    inventory: {
      read: async (signal) => ({
        ...(await memory.inventory.read(signal)),
        unreadable: [{ subject: 'group secret', reason: 'not authorised to describe' }],
      }),
    },
  }
  const short: PollRhythms = {
    inventory: { ...FAST.inventory, limitMs: 100 },
    lag: { ...FAST.lag, limitMs: 100 },
    'dead-letters': { ...FAST['dead-letters'], limitMs: 100 },
  }
  const duty = await start({ gamma: partial, hanging }, 'holder-3', short)
  try {
    await vi.waitFor(async () => {
      expect(await clusterRow('gamma')).toMatchObject({
        status: 'degraded',
        statusReason: 'inventory: group secret: not authorised to describe',
      })
      expect(await clusterRow('absent')).toMatchObject({ status: 'unreachable' })
      expect((await clusterRow('absent')).statusReason).toContain('absent does not answer')
      const row = await clusterRow('hanging')
      expect(row.status).not.toBe('connected')
      expect(row.statusReason).toContain('no answer within 0.1 s')
    }, eventually)
    expect(await db().select().from(consumerGroup).where(eq(consumerGroup.clusterId, 'gamma'))).toHaveLength(1)
  } finally {
    await duty.stop()
    await remove('gamma', 'hanging', 'absent')
  }
})

test('a way of finding that is closed degrades the cluster, with the reason; what it named before is still indexed', async () => {
  const log = await register('epsilon')
  appendToMemory(log, plainMessage('orders.dead', 0))
  const memory = openMemoryBroker('epsilon', log)
  let closed: { subject: string; reason: string }[] = []
  const find = async (signal: AbortSignal) => {
    const { places } = await memory.deadLetters.find(signal)
    return { places: closed.length === 0 ? places : [], unreadable: closed }
  }
  const indexed = () => db().select().from(deadLetter).where(eq(deadLetter.clusterId, 'epsilon'))
  const startEpsilon = (holder: string) =>
    start({ epsilon: { ...memory, deadLetters: { ...memory.deadLetters, find } } }, holder)
  let duty = await startEpsilon('holder-5')
  try {
    await vi.waitFor(async () => {
      expect(await indexed()).toHaveLength(1)
      const row = await db().select().from(destination).where(eq(destination.clusterId, 'epsilon'))
      expect(row.find(({ name }) => name === 'orders.dead')).toMatchObject({ deadLetterFoundBy: 'configuration' })
    }, eventually)
    await duty.stop()
    closed = [{ subject: 'dead-letter topics of Connect', reason: 'unknown, because it answers HTTP 503' }]
    appendToMemory(log, plainMessage('orders.dead', 1))
    duty = await startEpsilon('holder-6')
    await vi.waitFor(async () => {
      expect(await clusterRow('epsilon')).toMatchObject({
        status: 'degraded',
        statusReason: 'dead letters: dead-letter topics of Connect: unknown, because it answers HTTP 503',
      })
      expect((await clusterRow('epsilon')).capabilities['unreadable']).toEqual(closed)
      expect(await indexed()).toHaveLength(2)
    }, eventually)
  } finally {
    await duty.stop()
    await remove('epsilon')
  }
})

test('what is absent from two inventories in a row is gone, and comes back when it is seen again', async () => {
  const log = await register('delta')
  const find = async () =>
    (await db().select().from(destination).where(eq(destination.clusterId, 'delta'))).find(
      ({ name }) => name === 'orders',
    )
  const duty = await start({ delta: openMemoryBroker('delta', log) }, 'holder-4')
  try {
    await vi.waitFor(async () => expect((await find())?.goneAt).toBeNull(), eventually)
    log.destinations.delete('orders')
    log.groups.clear()
    await vi.waitFor(async () => expect((await find())?.goneAt).toBeInstanceOf(Date), eventually)
    createMemoryDestination(log, 'orders')
    await vi.waitFor(async () => expect((await find())?.goneAt).toBeNull(), eventually)
  } finally {
    await duty.stop()
    await remove('delta')
  }
})
