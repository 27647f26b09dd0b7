import { randomUUID } from 'node:crypto'
import { and, eq, sql } from 'drizzle-orm'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { Broker, ConsumerHold } from '#brokers/broker.ts'
import { openMemoryBroker } from '#brokers/memory/memory-broker.ts'
import { createMemoryLog } from '#brokers/memory/memory-log.ts'
import { endPause } from '#commands/pause/end.ts'
import { extendPause } from '#commands/pause/extend.ts'
import { startPause } from '#commands/pause/start.ts'
import { auditEntry } from '#db/schema/access.ts'
import { consumerGroup } from '#db/schema/cluster.ts'
import { pauseLease } from '#db/schema/pause.ts'
import { setClusterCapabilities, upsertCluster } from '#db/store/cluster-store.ts'
import { upsertMember } from '#db/store/pause-member-store.ts'
import { listPausesOfGroup } from '#db/store/pause-store.ts'
import { useTestDatabase } from '#db/test-database.ts'
import type { Actor, Role } from '#domain/access/role.ts'
import { Failure } from '#domain/failure.ts'
import { startPauses } from '#engine/pause/start-pauses.ts'
import { createLog } from '#log.ts'

const current = useTestDatabase()
const db = () => current().database
const log = createLog('test', 'silent')
const eventually = { timeout: 30_000, interval: 30 }
const as = (role: Role = 'operator') => {
  const actor: Actor = { kind: 'person', id: 'p', name: 'Olga', role }
  return { database: db(), actor }
}
const duties: { stop(): Promise<void> }[] = []

beforeAll(async () => {
  await upsertCluster(db(), {
    id: 'k',
    kind: 'kafka',
    name: 'K',
    environment: 'test',
    configuration: {},
    sealedSecret: null,
  })
  const consumerControl = { kind: 'cooperative', explanation: '', holds: [{ kind: 'throttle', explanation: 'slow' }] }
  await setClusterCapabilities(db(), 'k', 'installation', { consumerControl })
})
afterEach(async () => {
  await Promise.all(duties.splice(0).map((duty) => duty.stop()))
})

/** A broker whose one hold writes down what is done to it. */
function holdingBroker(part: Partial<ConsumerHold> = {}) {
  const done: string[] = []
  const hold: ConsumerHold = {
    kind: 'throttle',
    explanation: 'slow',
    read: async ({ clientIds }) => ({ clientIds, was: 7 }),
    apply: async (before) => void done.push(`apply ${JSON.stringify(before)}`),
    restore: async (before) => void done.push(`restore ${JSON.stringify(before)}`),
    ...part,
  }
  const memory = openMemoryBroker('k', createMemoryLog())
  const broker: Broker = { ...memory, consumerControl: { kind: 'throttle', explanation: '', holds: [hold] } }
  return { broker, done }
}

function run(broker: Broker = holdingBroker().broker): void {
  duties.push(startPauses({ client: current(), brokers: { get: async () => broker }, log, holder: randomUUID() }))
}

async function knownGroup(): Promise<string> {
  const name = `g-${randomUUID()}`
  const members = [{ id: 'm', clientId: 'shop', host: null, assignments: [] }]
  await db().insert(consumerGroup).values({ clusterId: 'k', name, state: 'stable', members, seenAt: new Date() })
  return name
}

const ask = (group: string, kind: 'cooperative' | 'throttle', role: Role = 'operator') =>
  startPause(as(role), { clusterId: 'k', group, kind, forMs: 600_000, reason: 'the bank is down' })
const pausesOf = (group: string) => listPausesOfGroup(db(), { clusterId: 'k', group }, 0)
const lapse = (leaseId: string, forS = 1) =>
  db()
    .update(pauseLease)
    .set({ expiresAt: sql`now() - ${forS} * interval '1 second'` })
    .where(eq(pauseLease.id, leaseId))
const auditOf = (group: string) =>
  db()
    .select({ verb: auditEntry.verb, actorName: auditEntry.actorName, outcome: auditEntry.outcome })
    .from(auditEntry)
    .where(and(eq(auditEntry.target, `consumer:k:${group}`)))
    .orderBy(auditEntry.id)

test('a pause whose time is over ends by itself, in the collector’s name and on record', async () => {
  const group = await knownGroup()
  run()
  const { leaseId } = await ask(group, 'cooperative')
  await lapse(leaseId)
  await vi.waitFor(
    async () => expect(await pausesOf(group)).toMatchObject([{ standing: 'ended', isAlert: false }]),
    eventually,
  )
  expect(await pausesOf(group)).toMatchObject([{ releasedByName: 'collector', releaseReason: 'its time is over' }])
  expect(await auditOf(group)).toEqual([
    { verb: 'pause.start', actorName: 'Olga', outcome: 'allowed' },
    { verb: 'pause.end', actorName: 'collector', outcome: 'allowed' },
  ])
})

test('what the broker had is on record before it is changed, and is put back at the end', async () => {
  const group = await knownGroup()
  const recorded: unknown[] = []
  const { broker, done } = holdingBroker({
    apply: async (before) => {
      recorded.push((await pausesOf(group))[0]?.before)
      done.push(`apply ${JSON.stringify(before)}`)
    },
  })
  run(broker)
  const { leaseId } = await ask(group, 'throttle')
  await vi.waitFor(async () => expect(await pausesOf(group)).toMatchObject([{ standing: 'in-force' }]), eventually)
  const before = { clientIds: ['shop'], was: 7 }
  expect(recorded).toEqual([before])
  await endPause(as(), { leaseId, reason: 'enough' })
  await vi.waitFor(async () => expect(await pausesOf(group)).toMatchObject([{ standing: 'ended' }]), eventually)
  expect(done.map((text) => text.split(' ')[0])).toEqual(['apply', 'restore'])
  expect(JSON.parse(done[1]!.slice('restore '.length))).toEqual(before)
})

test('a broker that refuses is an alert with its reason; once it takes the change the pause is in force', async () => {
  const group = await knownGroup()
  let isRefusing = true
  const { broker } = holdingBroker({
    apply: async () => {
      if (isRefusing) throw new Failure('forbidden', 'not authorised to alter quotas')
    },
  })
  run(broker)
  await ask(group, 'throttle')
  await vi.waitFor(async () => {
    const [pause] = await pausesOf(group)
    expect(pause).toMatchObject({ standing: 'not-obeyed', isAlert: true })
    expect(pause?.sentence).toContain('not authorised to alter quotas')
  }, eventually)
  isRefusing = false
  await vi.waitFor(
    async () => expect(await pausesOf(group)).toMatchObject([{ standing: 'in-force', isAlert: false }]),
    eventually,
  )
})

test('a broker that is not changed back in time is overdue, and is tried until it is', async () => {
  const group = await knownGroup()
  let isAway = false
  const { broker } = holdingBroker({
    restore: async () => {
      if (isAway) throw new Failure('broker-unavailable', 'it does not answer')
    },
  })
  run(broker)
  const { leaseId } = await ask(group, 'throttle')
  await vi.waitFor(async () => expect(await pausesOf(group)).toMatchObject([{ standing: 'in-force' }]), eventually)
  isAway = true
  await endPause(as(), { leaseId, reason: 'enough' })
  await db()
    .update(pauseLease)
    .set({ releaseAskedAt: sql`now() - interval '2 minutes'` })
    .where(eq(pauseLease.id, leaseId))
  await vi.waitFor(
    async () => expect(await pausesOf(group)).toMatchObject([{ standing: 'overdue', isAlert: true }]),
    eventually,
  )
  isAway = false
  await vi.waitFor(
    async () => expect(await pausesOf(group)).toMatchObject([{ standing: 'ended', isAlert: false }]),
    eventually,
  )
})

test('members that do not resume after the end are overdue until they do', async () => {
  const group = await knownGroup()
  run()
  const { leaseId } = await ask(group, 'cooperative')
  const member = {
    clusterId: 'k',
    group,
    memberId: 'm',
    clientName: 'shop',
    address: '::1',
    inFlight: 0,
    problem: null,
  }
  await upsertMember(db(), { ...member, state: 'paused', leaseId })
  await vi.waitFor(async () => expect(await pausesOf(group)).toMatchObject([{ standing: 'in-force' }]), eventually)
  await endPause(as(), { leaseId, reason: 'enough' })
  await db()
    .update(pauseLease)
    .set({ endedAt: sql`now() - interval '2 minutes'` })
    .where(eq(pauseLease.id, leaseId))
  await vi.waitFor(
    async () => expect(await pausesOf(group)).toMatchObject([{ standing: 'overdue', isAlert: true }]),
    eventually,
  )
  await upsertMember(db(), { ...member, state: 'running', leaseId: null })
  await vi.waitFor(
    async () => expect(await pausesOf(group)).toMatchObject([{ standing: 'ended', isAlert: false }]),
    eventually,
  )
})

test('an extension goes on from now and not beyond a day; what is over cannot be extended, nor ended twice', async () => {
  const group = await knownGroup()
  const { leaseId } = await ask(group, 'cooperative')
  await extendPause(as(), { leaseId, forMs: 3_600_000, reason: 'longer' })
  const [pause] = await pausesOf(group)
  expect(pause!.expiresAtMs - pause!.askedAtMs).toBeGreaterThan(3_500_000)
  await expect(extendPause(as(), { leaseId, forMs: 86_400_001, reason: 'x' })).rejects.toMatchObject({
    code: 'invalid',
  })
  await endPause(as(), { leaseId, reason: 'enough' })
  await expect(extendPause(as(), { leaseId, forMs: 60_000, reason: 'x' })).rejects.toMatchObject({ code: 'conflict' })
  await expect(endPause(as(), { leaseId, reason: 'again' })).rejects.toMatchObject({ code: 'conflict' })
  await expect(endPause(as(), { leaseId: randomUUID(), reason: 'x' })).rejects.toMatchObject({ code: 'not-found' })
})

test('the collector ends no pause that was extended meanwhile', async () => {
  const group = await knownGroup()
  const { leaseId } = await ask(group, 'cooperative')
  const actor: Actor = { kind: 'system', id: 'engine', name: 'collector' }
  await expect(endPause({ database: db(), actor }, { leaseId, reason: 'its time is over' })).rejects.toMatchObject({
    code: 'conflict',
  })
})

test('who may not, an unknown group, a kind that is not there and a second pause are refused', async () => {
  const group = await knownGroup()
  await expect(ask(group, 'cooperative', 'viewer')).rejects.toMatchObject({ code: 'forbidden' })
  await expect(ask('nobody', 'cooperative')).rejects.toMatchObject({ code: 'not-found' })
  const native = startPause(as(), { clusterId: 'k', group, kind: 'native', forMs: 60_000, reason: 'x' })
  await expect(native).rejects.toMatchObject({ code: 'unsupported' })
  const asked = await Promise.allSettled(Array.from({ length: 10 }, () => ask(group, 'cooperative')))
  expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const one of asked) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'conflict' })
})
