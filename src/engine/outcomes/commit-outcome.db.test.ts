import { expect, test } from 'vitest'
import { joinMemoryGroup } from '#brokers/memory/memory-log.ts'
import { groupLag } from '#db/schema/cluster.ts'
import { createToldTelemetry, redriveAsPerson, waitFor, waitForState } from '#engine/engine-fixture.ts'
import { useMemoryEngine } from '#engine/memory-engine.ts'

const { database, log, openBroker, start, makePlace, itemsOf } = useMemoryEngine()

const startSilent = () =>
  start({
    broker: openBroker('log'),
    telemetry: createToldTelemetry(() => 'silent'),
    outcomeLimits: { commitGraceMs: 50, notSeenAfterMs: 3_600_000 },
  })

const laneOf = (targetPosition: string | null): string => (targetPosition ?? '').split('@')[0] ?? ''

test('a copy counts as processed once the group that failed has committed past it, without any span; others do not', async () => {
  startSilent()
  const place = await makePlace(30, { keys: 30, letter: () => ({ consumerGroup: 'payments' }) })
  const id = await redriveAsPerson(database().database, place)
  await waitForState(database().database, id, ['completed'])
  const copies = await itemsOf(id)
  const passed = laneOf(copies[0]?.targetPosition ?? null)
  const inPassed = copies.filter((copy) => laneOf(copy.targetPosition) === passed).length
  expect(inPassed).toBeLessThan(30)
  joinMemoryGroup(log, 'payments', place.origin).committed.set(place.origin, new Map([[Number(passed), 1_000]]))
  const { counts } = await waitFor(
    database().database,
    id,
    (view) => view.counts.outcomes.processed === inPassed && view.counts.outcomes.unknown === 30 - inPassed,
  )
  expect(counts.outcomes).toEqual({ processed: inPassed, unknown: 30 - inPassed, 'failed-again': 0, 'not-seen': 0 })
  const evidence = (await itemsOf(id)).flatMap((copy) => copy.outcomeEvidence ?? [])
  expect(new Set(evidence)).toEqual(new Set(['commit: payments committed past it']))
})

test('a dead letter that names no group is settled by the only group that reads the target', async () => {
  startSilent()
  const place = await makePlace(5)
  const known = { clusterId: 'm', destination: place.origin, lostMessages: 0, lanes: [], sentence: 's', state: 'OK' }
  await database()
    .database.insert(groupLag)
    .values({ ...known, groupName: 'audit', stateSince: new Date(), asOf: new Date() })
  const all = new Map([0, 1, 2].map((lane) => [lane, 1_000]))
  joinMemoryGroup(log, 'audit', place.origin).committed.set(place.origin, all)
  const id = await redriveAsPerson(database().database, place)
  await waitFor(database().database, id, (view) => view.counts.outcomes.processed === 5)
  expect((await itemsOf(id)).map((copy) => copy.outcomeEvidence)).toEqual(
    Array.from({ length: 5 }, () => 'commit: audit committed past it'),
  )
})
