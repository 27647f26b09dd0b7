import { randomUUID } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { createMemoryDestination } from '#brokers/memory/memory-log.ts'
import { planRedrive } from '#commands/dead-letter/plan-redrive.ts'
import { startOperation } from '#commands/operation/start.ts'
import { cluster, destination, groupLag } from '#db/schema/cluster.ts'
import { addGroups } from '#db/store/operation-outcome-store.ts'
import { OPERATOR, planAsPerson, waitForState } from '#engine/engine-fixture.ts'
import { useMemoryEngine, type MemoryPlace } from '#engine/memory-engine.ts'

const { database, log, openBroker, start, makePlace, copiesAt, itemsOf } = useMemoryEngine()

async function addDestination(name: string, readers: readonly string[] = [], isInternal = false): Promise<void> {
  const { database: db } = database()
  createMemoryDestination(log, name, { lanes: 1 })
  const known = { clusterId: 'm', kind: 'topic' as const, lanes: ['0'], settings: {}, seenAt: new Date() }
  await db.insert(destination).values({ ...known, name, isInternal })
  for (const groupName of readers) {
    await db.insert(groupLag).values({
      clusterId: 'm',
      groupName,
      destination: name,
      state: 'OK',
      sentence: 'keeps up',
      lagMessages: 0,
      lostMessages: 0,
      lanes: [],
      stateSince: new Date(),
      asOf: new Date(),
    })
  }
}

async function planRetry(place: MemoryPlace) {
  const { database: db } = database()
  const { operationId } = await planRedrive(
    { database: db, actor: OPERATOR },
    {
      requestKey: randomUUID(),
      clusterId: 'm',
      source: place.source,
      selection: { fingerprint: place.fingerprint },
      reason: 'only this group is to see them',
      ratePerSecond: 100_000,
      canarySize: 0,
      isRetryTarget: true,
    },
  )
  const { operation } = await waitForState(db, operationId, ['planned', 'failed'])
  return operation
}

const startPlanned = (operation: { readonly id: string; readonly manifestHash: string | null }) =>
  startOperation(
    { database: database().database, actor: OPERATOR },
    { operationId: operation.id, manifestHash: operation.manifestHash ?? '' },
  )

test('copies go to the retry topic that only the group which failed reads, and the others of the origin see none', async () => {
  const place = await makePlace(4, { letter: (at) => (at < 3 ? { consumerGroup: 'payments' } : {}) })
  const retry = `${place.origin}-payments-retry`
  await addDestination(retry, ['payments-retry'])
  start({ broker: openBroker('log') })
  const operation = await planRetry(place)
  expect(operation).toMatchObject({ targetKind: 'retry', target: null })
  expect(operation.plan?.targets).toMatchObject([
    { destination: retry, count: 3, failedGroups: [{ group: 'payments-retry', state: 'OK' }], otherReaders: [] },
  ])
  expect(operation.plan?.exclusions).toMatchObject([
    { count: 1, reason: expect.stringContaining('which group failed') },
  ])
  await startPlanned(operation)
  await waitForState(database().database, operation.id, ['completed'])
  expect([copiesAt(retry).length, copiesAt(place.origin).length]).toEqual([3, 0])
  const sent = (await itemsOf(operation.id)).filter((item) => item.state === 'removed')
  const watched = sent.map(({ ordinal, outcome, targetDestination, targetPosition }) => ({
    ordinal,
    outcome,
    targetDestination,
    targetPosition,
    traceId: '',
    spanId: '',
    sinceConfirmMs: 0,
  }))
  const grouped = await addGroups(database().database, operation.id, watched)
  expect(grouped.map((item) => item.consumerGroup)).toEqual(['payments-retry', 'payments-retry', 'payments-retry'])
})

test('a retry topic that other groups read too is none, and the plan says who reads it', async () => {
  const place = await makePlace(2, { letter: () => ({ consumerGroup: 'payments' }) })
  await addDestination(`${place.origin}-retry`, ['payments-retry', 'billing-retry'])
  start({ broker: openBroker('log') })
  const { plan } = await planRetry(place)
  expect(plan).toMatchObject({
    sendCount: 0,
    exclusions: [{ count: 2, reason: `${place.origin}-retry is also read by billing-retry` }],
  })
})

test('what the registration of the cluster says about retries comes before every name', async () => {
  const place = await makePlace(1, { letter: () => ({ consumerGroup: 'payments' }) })
  await addDestination(`${place.origin}-payments-retry`)
  await addDestination('pay.again')
  const retryDestinations = [{ originDestination: place.origin, consumerGroup: 'payments', destination: 'pay.again' }]
  await database().database.update(cluster).set({ configuration: { retryDestinations } }).where(eq(cluster.id, 'm'))
  start({ broker: openBroker('log') })
  expect((await planRetry(place)).plan?.targets).toMatchObject([{ destination: 'pay.again', count: 1 }])
})

test('of another destination the plan names those who read there; the group that failed is not among them', async () => {
  const place = await makePlace(2, { letter: () => ({ consumerGroup: 'payments' }) })
  const name = `${place.origin}-sandbox`
  await addDestination(name, ['sandbox'])
  start({ broker: openBroker('log') })
  const { operation } = await planAsPerson(database().database, { ...place, target: name })
  expect(operation.plan?.targets).toMatchObject([
    { destination: name, count: 2, failedGroups: [], otherReaders: [{ group: 'sandbox', state: 'OK' }] },
  ])
})

test('a dead-letter place and what is internal to the broker are no targets', async () => {
  const [place, other] = [await makePlace(1), await makePlace(1)]
  const { database: db } = database()
  await db.update(destination).set({ deadLetterFoundBy: 'name' }).where(eq(destination.name, other.source))
  await addDestination(`${place.origin}-own`, [], true)
  start({ broker: openBroker('log') })
  const reasonFor = async (target: string) =>
    (await planAsPerson(db, { ...place, target })).operation.plan?.exclusions.map(({ reason }) => reason)
  expect(await reasonFor(other.source)).toEqual([`${other.source} is a dead-letter place`])
  expect(await reasonFor(`${place.origin}-own`)).toEqual([`${place.origin}-own is internal to the broker`])
  expect(await reasonFor('nowhere')).toEqual(['nowhere does not exist'])
})

test('a target that is gone when it is its turn gets nothing, message by message, and the dead letters stay open', async () => {
  const place = await makePlace(3)
  start({ broker: openBroker('log') })
  const { database: db } = database()
  const { operation } = await planAsPerson(db, place)
  await db.update(destination).set({ goneAt: new Date() }).where(eq(destination.name, place.origin))
  await startPlanned(operation)
  await waitForState(db, operation.id, ['completed'])
  for (const item of await itemsOf(operation.id)) {
    expect(item).toMatchObject({ state: 'failed', reason: `not sent: ${place.origin} is gone since it was planned` })
  }
  const { rows } = await db.execute(sql`select state from dead_letter where destination = ${place.source}`)
  expect(rows).toEqual(Array.from({ length: 3 }, () => ({ state: 'open' })))
  expect(copiesAt(place.origin)).toEqual([])
})
