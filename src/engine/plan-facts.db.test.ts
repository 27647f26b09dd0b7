import { expect, test } from 'vitest'
import { appendToMemory, joinMemoryGroup } from '#brokers/memory/memory-log.ts'
import { groupLag } from '#db/schema/cluster.ts'
import { planAsPerson } from '#engine/engine-fixture.ts'
import { useMemoryEngine, type MemoryPlace } from '#engine/memory-engine.ts'

const { database, log, openBroker, start, makePlace } = useMemoryEngine()

function append(place: MemoryPlace, lane: string, key: string): void {
  appendToMemory(log, {
    destination: place.origin,
    lane,
    key: new TextEncoder().encode(key),
    headers: [],
    payload: null,
    timestampMs: 1,
    idempotencyId: '',
  })
}

/** Three dead letters, each the first message of its key and lane at the origin. */
const makeOvertaken = () =>
  makePlace(3, { keys: 3, letter: (at) => ({ originPosition: `${at}@0`, consumerGroup: 'payments' }) })

test('keys whose newer messages the group has processed are counted; newer ones that still wait are not', async () => {
  start({ broker: openBroker('log') })
  const place = await makeOvertaken()
  for (const key of ['key-0', 'key-0']) append(place, '0', key)
  for (const key of ['key-1', 'other']) append(place, '1', key)
  for (const key of ['key-2', 'key-2']) append(place, '2', key)
  const committed = new Map(Object.entries({ 0: 2, 1: 2, 2: 1 }).map(([lane, next]) => [Number(lane), next]))
  joinMemoryGroup(log, 'payments', place.origin).committed.set(place.origin, committed)
  const { operation } = await planAsPerson(database().database, place)
  expect(operation.plan?.overtaken).toEqual({ overtakenCount: 1, keyCount: 3, isComplete: true })
  expect(operation.plan?.warnings.join(' ')).toContain('For 1 of 3 keys newer messages were already processed')
})

test('a queue, or dead letters that do not name place and group, leave the order unknown and say nothing of it', async () => {
  const { offsets: _offsets, ...queue } = openBroker('queue')
  start({ broker: queue })
  const { operation } = await planAsPerson(database().database, await makeOvertaken())
  expect(operation.plan?.overtaken).toBeNull()
  expect(operation.plan?.warnings.join(' ')).not.toContain('newer messages')
})

test('an origin that cannot be read leaves the plan standing and says that not everything was looked at', async () => {
  const broker = openBroker('log')
  const refuse = () => Promise.reject(new Error('not allowed'))
  start({ broker: { ...broker, offsets: { read: refuse } } })
  const { operation } = await planAsPerson(database().database, await makeOvertaken())
  expect(operation.state).toBe('planned')
  expect(operation.plan?.overtaken).toEqual({ overtakenCount: 0, keyCount: 3, isComplete: false })
})

test('every reader of the target is told with what the copies do to its lag', async () => {
  start({ broker: openBroker('log') })
  const place = await makeOvertaken()
  const known = { clusterId: 'm', destination: place.origin, lostMessages: 0, lanes: [], sentence: 's' }
  const at = { stateSince: new Date(), asOf: new Date() }
  await database()
    .database.insert(groupLag)
    .values([
      { ...known, ...at, groupName: 'payments', state: 'OK', lagMessages: 0, drainPerSecond: 0 },
      { ...known, ...at, groupName: 'audit', state: 'LAGGING', lagMessages: 900, drainPerSecond: 5 },
    ])
  const { operation } = await planAsPerson(database().database, { ...place, ratePerSecond: 1 })
  expect(operation.plan?.targets).toMatchObject([
    {
      count: 3,
      failedGroups: [{ group: 'payments', lagEffect: 'grows by up to 3 if it works no faster than now' }],
      otherReaders: [{ group: 'audit', lagEffect: 'keeps shrinking: it drains faster than the copies come' }],
    },
  ])
})
