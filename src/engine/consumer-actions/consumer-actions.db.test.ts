import { randomUUID } from 'node:crypto'
import { desc, eq } from 'drizzle-orm'
import { afterEach, beforeAll, expect, test } from 'vitest'
import type { Broker, ConnectorsFacet } from '#brokers/broker.ts'
import { openMemoryBroker } from '#brokers/memory/memory-broker.ts'
import {
  appendToMemory,
  consumeFromMemory,
  createMemoryDestination,
  createMemoryLog,
} from '#brokers/memory/memory-log.ts'
import { plainMessage } from '#brokers/contract-harness.ts'
import { controlConnector } from '#commands/consumer/control-connector.ts'
import { planReset } from '#commands/consumer/plan-reset.ts'
import { resetOffsets } from '#commands/consumer/reset-offsets.ts'
import { undoReset } from '#commands/consumer/undo-reset.ts'
import { auditEntry } from '#db/schema/access.ts'
import { cluster, consumerEvent } from '#db/schema/cluster.ts'
import { consumerAction } from '#db/schema/consumer-action.ts'
import { findConsumerAction, listConsumerActions, readResetReasons, resetKey } from '#db/store/consumer-action-store.ts'
import { useTestDatabase } from '#db/test-database.ts'
import type { Connector, ConnectorState } from '#domain/connect/connector.ts'
import { Failure } from '#domain/failure.ts'
import { planResetLane, type ResetPlan, type ResetTarget } from '#domain/reset/reset-plan.ts'
import { startConsumerActions } from '#engine/consumer-actions/start-consumer-actions.ts'
import { OPERATOR, SILENT_LOG } from '#engine/engine-fixture.ts'

const current = useTestDatabase()
const db = () => current().database
const as = () => ({ database: db(), actor: OPERATOR })
const signal = AbortSignal.timeout(120_000)
const log = createMemoryLog()
const memory = openMemoryBroker('m', log)
const started: { stop(): Promise<void> }[] = []

beforeAll(async () => {
  await db().insert(cluster).values({ id: 'm', kind: 'kafka', name: 'M', configuration: {} })
})
afterEach(async () => {
  await Promise.all(started.splice(0).map((engine) => engine.stop()))
})

const start = (broker: Broker = memory) =>
  void started.push(startConsumerActions({ client: current(), brokers: { get: async () => broker }, log: SILENT_LOG }))

/** Two lanes of ten messages; the group has worked off six of the first. */
function makeGroup(): { group: string; destination: string } {
  const destination = `orders-${log.destinations.size}`
  createMemoryDestination(log, destination, { lanes: 2 })
  for (let at = 0; at < 20; at += 1) appendToMemory(log, { ...plainMessage(destination, at), lane: String(at % 2) })
  const group = `${destination}-mail`
  consumeFromMemory(log, group, destination, 6)
  log.groups.get(group)!.committed.get(destination)!.delete(1)
  return { group, destination }
}
const positionsOf = async ({ group, destination }: { group: string; destination: string }) =>
  (await memory.offsets.read(group, destination, signal)).map(({ committed }) => committed)

/** What the collector answers to the question for a dry run, but for what only an undo needs. */
async function readPlan(
  place: { group: string; destination: string },
  target: ResetTarget,
  undone: ResetPlan['lanes'] = [],
): Promise<ResetPlan> {
  const lanes = (await memory.offsets.read(place.group, place.destination, signal)).map((lane) => {
    const was = undone.find((one) => one.lane === lane.lane)
    const undo = was === undefined ? null : { setTo: was.to, before: was.from }
    return planResetLane(target, { ...lane, atTime: null, undo })
  })
  const activity = await memory.offsets.reset.readActivity(place.group, signal)
  return { ...place, target, lanes, activity, isApproximate: false, readAtMs: Date.now() }
}
const plan = async (place: { group: string; destination: string }, target: ResetTarget, undone?: ResetPlan['lanes']) =>
  planReset(as(), { requestKey: randomUUID(), clusterId: 'm', plan: await readPlan(place, target, undone) })
const asked = ({ id, planHash }: { id: string; planHash: string }) => ({ planId: id, planHash, reason: 'a bad deploy' })
const ended = async (id: string) => {
  await expect.poll(async () => (await findConsumerAction(db(), id))?.endedAt, { timeout: 30_000 }).toBeInstanceOf(Date)
  return findConsumerAction(db(), id)
}

test('a reset does what the dry run showed, is on record with what was before, and explains why the group stands further back', async () => {
  start()
  const place = makeGroup()
  expect(await positionsOf(place)).toEqual([6, null])
  const planned = await plan(place, { kind: 'earliest' })
  expect(planned.plan.lanes).toMatchObject([
    { from: 6, to: 0, repeated: 6 },
    { from: null, to: 0, repeated: null },
  ])
  await resetOffsets(as(), asked(planned))
  // A second press is the same wish.
  await resetOffsets(as(), asked(planned))
  expect(await ended(planned.id)).toMatchObject({ state: 'done' })
  expect(await positionsOf(place)).toEqual([0, 0])
  const reasons = await readResetReasons(db(), 'm', Date.now() - 60_000)
  expect(reasons.get(resetKey(place.group, place.destination))).toBe('reset to the beginning by Olga: a bad deploy')
  const events = await db().select().from(consumerEvent).where(eq(consumerEvent.groupName, place.group))
  expect(events).toMatchObject([{ kind: 'reset', sentence: 'Reset to the beginning by Olga: a bad deploy.' }])
  const records = await db()
    .select()
    .from(auditEntry)
    .where(eq(auditEntry.verb, 'consumer.reset-offsets'))
    .orderBy(desc(auditEntry.id))
  expect(records).toHaveLength(2)
  expect(records.map(({ details }) => details)).toMatchObject([
    { isAlreadyAsked: true },
    {
      totals: { repeated: 6 },
      before: [
        { lane: '0', from: 6, to: 0 },
        { lane: '1', from: null, to: 0 },
      ],
    },
  ])
})

test('an undo restores what was before, also that there was no position; it is refused once the group has moved on, unless that is accepted', async () => {
  start()
  const place = makeGroup()
  const reset = await plan(place, { kind: 'earliest' })
  await resetOffsets(as(), asked(reset))
  await ended(reset.id)
  const undo: ResetTarget = { kind: 'undo', resetId: reset.id }
  const tooLate = await plan(place, undo, reset.plan.lanes)
  consumeFromMemory(log, place.group, place.destination, 2)
  const seen = await plan(place, undo, reset.plan.lanes)
  expect(seen.plan.lanes[0]).toMatchObject({ from: 2, to: 6, movedOn: 2 })
  await expect(undoReset(as(), { ...asked(seen), acceptsMovedOn: false })).rejects.toMatchObject({ code: 'conflict' })
  // A dry run from before the group went on is not what would be done any more.
  await undoReset(as(), { ...asked(tooLate), acceptsMovedOn: true })
  expect(await ended(tooLate.id)).toMatchObject({ state: 'refused', outcome: expect.stringContaining('has moved') })
  await undoReset(as(), { ...asked(seen), acceptsMovedOn: true })
  expect(await ended(seen.id)).toMatchObject({ state: 'done' })
  expect(await positionsOf(place)).toEqual([6, null])
  const list = await listConsumerActions(db(), {
    clusterId: 'm',
    subject: place.group,
    kinds: ['reset-offsets', 'undo-reset'],
  })
  expect(list.map(({ state, isUndone }) => [state, isUndone])).toEqual([
    ['done', false],
    ['refused', false],
    ['done', true],
  ])
})

test('a group with members is refused at the act, whatever the dry run said, and keeps its positions', async () => {
  start()
  const place = makeGroup()
  const planned = await plan(place, { kind: 'latest' })
  log.groups.get(place.group)!.memberCount = 2
  await resetOffsets(as(), asked(planned))
  expect(await ended(planned.id)).toMatchObject({ state: 'refused', outcome: expect.stringContaining('has 2 members') })
  expect(await positionsOf(place)).toEqual([6, null])
})

test('a member that joins between the look and the act makes the broker refuse, and that is what is said', async () => {
  const place = makeGroup()
  const { reset } = memory.offsets
  const joined = {
    ...reset,
    set: async (...args: Parameters<typeof reset.set>) => {
      log.groups.get(place.group)!.memberCount = 1
      return reset.set(...args)
    },
  }
  start({ ...memory, offsets: { ...memory.offsets, reset: joined } })
  const planned = await plan(place, { kind: 'latest' })
  await resetOffsets(as(), asked(planned))
  expect(await ended(planned.id)).toMatchObject({
    state: 'refused',
    outcome: expect.stringContaining('has members again'),
  })
})

test('an answer that got lost is found by reading: done when it was done', async () => {
  const place = makeGroup()
  const { reset } = memory.offsets
  const lossy = {
    ...reset,
    set: async (...args: Parameters<typeof reset.set>) => {
      await reset.set(...args)
      throw new Failure('broker-unavailable', 'the connection broke')
    },
  }
  start({ ...memory, offsets: { ...memory.offsets, reset: lossy } })
  const planned = await plan(place, { kind: 'offset', offset: 4 })
  await resetOffsets(as(), asked(planned))
  expect(await ended(planned.id)).toMatchObject({ state: 'done' })
  expect(await positionsOf(place)).toEqual([4, 4])
})

test('a broker that is away is tried again, and a collector that died at it leaves it to the next', async () => {
  const place = makeGroup()
  let calls = 0
  const flaky: Broker = {
    ...memory,
    offsets: {
      ...memory.offsets,
      read: (...args) => {
        calls += 1
        return calls === 1
          ? Promise.reject(new Failure('broker-unavailable', 'no connection'))
          : memory.offsets.read(...args)
      },
    },
  }
  const planned = await plan(place, { kind: 'earliest' })
  await resetOffsets(as(), asked(planned))
  // Claimed by one that is gone: its claim has lapsed.
  await db()
    .update(consumerAction)
    .set({ claimedUntil: new Date(Date.now() - 1_000) })
    .where(eq(consumerAction.id, planned.id))
  start(flaky)
  expect(await ended(planned.id)).toMatchObject({ state: 'done' })
  expect(calls).toBeGreaterThan(1)
})

test('a plan that was tampered with, is too old, or changes nothing is not carried out', async () => {
  start()
  const place = makeGroup()
  const [first, old, idle] = [
    await plan(place, { kind: 'earliest' }),
    await plan(place, { kind: 'earliest' }),
    await plan(place, { kind: 'shift', by: 0 + 1 }),
  ]
  await expect(resetOffsets(as(), { ...asked(first), planHash: 'a'.repeat(64) })).rejects.toMatchObject({
    code: 'conflict',
  })
  const forged = { ...first.plan, lanes: first.plan.lanes.map((lane) => ({ ...lane, to: 9 })) }
  await db().update(consumerAction).set({ plan: forged }).where(eq(consumerAction.id, first.id))
  await resetOffsets(as(), asked(first))
  expect(await ended(first.id)).toMatchObject({ state: 'refused', outcome: expect.stringContaining('agreed') })
  await db()
    .update(consumerAction)
    .set({ createdAt: new Date(Date.now() - 20 * 60_000) })
    .where(eq(consumerAction.id, old.id))
  await expect(resetOffsets(as(), asked(old))).rejects.toMatchObject({ code: 'conflict' })
  const same = { ...idle.plan, lanes: idle.plan.lanes.map((lane) => ({ ...lane, to: lane.from })) }
  await db().update(consumerAction).set({ plan: same }).where(eq(consumerAction.id, idle.id))
  await expect(resetOffsets(as(), asked(idle))).rejects.toThrow('nothing would change')
  expect(await positionsOf(place)).toEqual([6, null])
})

/** A Connect of one connector that takes `lookCount` looks until it is in the asked state. */
function connectThat(states: readonly ConnectorState[]): { facet: ConnectorsFacet; verbs: string[] } {
  const verbs: string[] = []
  let looks = 0
  const connector = (state: ConnectorState): Connector => ({
    connect: 'http://connect',
    name: 'sink',
    type: 'sink',
    className: 'FileSink',
    state,
    failure: null,
    tasks: [{ id: 0, state, worker: null, failure: null }],
    group: 'connect-sink',
  })
  const facet: ConnectorsFacet = {
    read: () => Promise.reject(new Error('not asked for')),
    readOne: async () => connector(states[Math.min(looks++, states.length - 1)] ?? 'UNKNOWN'),
    act: async ({ verb }) => void verbs.push(verb),
    readOffsets: async () => [],
  }
  return { facet, verbs }
}
const wish = (verb: 'pause' | 'restart' | 'reset-offsets', connector: string) => ({
  requestKey: randomUUID(),
  clusterId: 'm',
  connect: 'http://connect',
  connector,
  verb,
  task: null,
  reason: 'its target is down',
})

test('a connector is asked once, and it counts when it is seen in effect', async () => {
  const { facet, verbs } = connectThat(['RUNNING', 'RUNNING', 'PAUSED'])
  start({ ...memory, connectors: facet })
  const asking = wish('pause', 'one')
  const [first, second] = [await controlConnector(as(), asking), await controlConnector(as(), asking)]
  expect(second.id).toBe(first.id)
  expect(await ended(first.id)).toMatchObject({
    state: 'done',
    outcome: 'Seen in effect: connector PAUSED, task 0 PAUSED.',
  })
  expect(verbs).toEqual(['pause'])
  await expect(controlConnector(as(), { ...asking, verb: 'restart' })).rejects.toMatchObject({ code: 'conflict' })
})

test('what fails again after a restart is said to; positions are reset of a stopped connector alone', async () => {
  const { facet, verbs } = connectThat(['RUNNING', 'FAILED'])
  start({ ...memory, connectors: facet })
  const restart = await controlConnector(as(), wish('restart', 'two'))
  expect(await ended(restart.id)).toMatchObject({ state: 'failed', outcome: expect.stringContaining('task 0 FAILED') })
  const reset = await controlConnector(as(), wish('reset-offsets', 'three'))
  expect(await ended(reset.id)).toMatchObject({
    state: 'refused',
    outcome: expect.stringContaining('while it is stopped'),
  })
  expect(verbs).toEqual(['restart'])
})
