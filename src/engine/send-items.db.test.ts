import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { startOperation } from '#commands/operation/start.ts'
import { destination } from '#db/schema/cluster.ts'
import { deadLetter } from '#db/schema/dead-letter.ts'
import { headerText } from '#domain/message.ts'
import { isConserved } from '#domain/operation/operation-counts.ts'
import { OPERATOR, planAsPerson, redriveAsPerson, waitFor, waitForState } from '#engine/engine-fixture.ts'
import { useMemoryEngine } from '#engine/memory-engine.ts'

const { database, log, openBroker, start, makePlace, copiesAt, itemsOf } = useMemoryEngine()
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

test('every dead letter arrives once at its origin, with its bytes, without its death, and is seen to be processed', async () => {
  start({ broker: openBroker('log') })
  const place = await makePlace(300, {
    keys: 7,
    headers: [
      { name: 'tenant', value: text('acme') },
      { name: 'traceparent', value: text(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`) },
      { name: 'throughline-redrive-count', value: text('1') },
    ],
  })
  const id = await redriveAsPerson(database().database, place)
  await waitForState(database().database, id, ['completed'])
  const { counts, operation } = await waitFor(database().database, id, (view) => view.counts.outcomes.processed === 300)
  expect(isConserved(operation.itemCount, counts)).toBe(true)
  expect(counts).toMatchObject({ selected: 300, confirmed: 300, repeatedSends: 0 })

  const copies = copiesAt(place.origin)
  expect(copies).toHaveLength(300)
  const items = new Map((await itemsOf(id)).map((item) => [item.ordinal.toString(), item]))
  for (const copy of copies) {
    const item = items.get(headerText(copy.headers, 'throughline-item') ?? '')
    expect(headerText(copy.headers, 'tenant')).toBe('acme')
    expect(headerText(copy.headers, 'throughline-operation')).toBe(id)
    expect(headerText(copy.headers, 'throughline-redrive-count')).toBe('2')
    expect(headerText(copy.headers, 'traceparent')).toBe(`00-${item?.traceId}-${item?.spanId}-01`)
    expect(Number(headerText(copy.headers, 'throughline-original-timestamp'))).toBeLessThan(2_000)
  }
  const bodies = copies.map((copy) => new TextDecoder().decode(copy.payload ?? new Uint8Array()))
  expect(bodies.toSorted()).toEqual(Array.from({ length: 300 }, (_, at) => `message ${at}`).toSorted())
  const letters = await database().database.select().from(deadLetter).where(eq(deadLetter.destination, place.source))
  expect(new Set(letters.map((letter) => letter.state))).toEqual(new Set(['redriven']))
  expect(copiesAt(place.source)).toHaveLength(300)
})

test('the order of every key is the order in which its messages lay in the dead-letter place', async () => {
  start({ broker: openBroker('log') })
  const place = await makePlace(2_000, { keys: 50 })
  const id = await redriveAsPerson(database().database, place)
  await waitForState(database().database, id, ['completed'])
  const lastOf = new Map<string, number>()
  for (const copy of copiesAt(place.origin)) {
    const key = new TextDecoder().decode(copy.key ?? new Uint8Array())
    const ordinal = Number(headerText(copy.headers, 'throughline-item'))
    expect(ordinal).toBeGreaterThan(lastOf.get(key) ?? 0)
    lastOf.set(key, ordinal)
  }
  expect(lastOf.size).toBe(50)
})

test('a queue lets go of what was confirmed, and of nothing else', async () => {
  const broker = openBroker('queue')
  broker.faults.inject({ fault: { kind: 'refuse', retryable: false }, times: 3 })
  start({ broker })
  const place = await makePlace(50)
  const id = await redriveAsPerson(database().database, place)
  const { counts } = await waitForState(database().database, id, ['completed'])
  expect(counts).toMatchObject({ confirmed: 47, failed: 3 })
  expect(copiesAt(place.source)).toHaveLength(3)
  expect(copiesAt(place.origin)).toHaveLength(47)
  const failed = (await itemsOf(id)).filter((item) => item.state === 'failed')
  expect(failed.map((item) => item.reason)).toEqual(Array(3).fill('refused: an injected refusal'))
  const open = await database().database.select().from(deadLetter).where(eq(deadLetter.destination, place.source))
  expect(open.filter((letter) => letter.state === 'open')).toHaveLength(3)
})

test('after a refused message later ones of its key are held back, other keys go on', async () => {
  const broker = openBroker('log')
  broker.faults.inject({
    fault: { kind: 'refuse', retryable: false },
    when: (message) => headerText(message.headers, 'throughline-item') === '1',
  })
  start({ broker })
  const place = await makePlace(40, { keys: 2 })
  const id = await redriveAsPerson(database().database, { ...place, ratePerSecond: 25 })
  const { counts } = await waitForState(database().database, id, ['completed'])
  expect(counts).toMatchObject({ confirmed: 20, failed: 20 })
  expect(copiesAt(place.origin).every((copy) => new TextDecoder().decode(copy.key ?? text('')) === 'key-1')).toBe(true)
})

test('after an unknown answer what has arrived is found there, and the rest sent again under its mark, until there is proof', async () => {
  const broker = openBroker('log')
  broker.faults.inject({ fault: { kind: 'unknown-after-append' }, times: 5 })
  broker.faults.inject({ fault: { kind: 'unknown-without-append' }, times: 5 })
  broker.faults.inject({ fault: { kind: 'refuse', retryable: true }, times: 5 })
  start({ broker })
  const place = await makePlace(30)
  const id = await redriveAsPerson(database().database, place)
  const { counts } = await waitForState(database().database, id, ['completed'])
  expect(counts.confirmed).toBe(30)
  expect(counts.repeatedSends).toBe(10)
  const marks = copiesAt(place.origin).map((copy) => headerText(copy.headers, 'throughline-item'))
  expect(marks).toHaveLength(30)
  expect(new Set(marks).size).toBe(30)
})

test('a message that is gone at its source is a gap, said on item and operation, and never counts as sent', async () => {
  start({ broker: openBroker('log') })
  const place = await makePlace(10)
  const lane = log.destinations.get(place.source)?.lanes[0]
  if (lane) lane[3] = null
  const id = await redriveAsPerson(database().database, place)
  const { operation, counts } = await waitForState(database().database, id, ['completed', 'partial'])
  expect([operation.state, operation.stateReason]).toEqual(['partial', expect.stringMatching(/^1 of 10 messages/)])
  expect(counts).toMatchObject({ confirmed: 9, failed: 1 })
  expect((await itemsOf(id))[3]).toMatchObject({
    state: 'failed',
    reason: 'gap: gone at the source before it was sent',
  })
})

test('the dry run says who gets what, and keeps out what has no place to go or came back twice', async () => {
  start({ broker: openBroker('log') })
  const place = await makePlace(12, {
    letter: (at) => [{ originDestination: null }, { originDestination: 'nowhere' }, { redriveCount: 2 }][at] ?? {},
  })
  const { operation, counts } = await planAsPerson(database().database, { ...place, ratePerSecond: 3 })
  expect(counts).toMatchObject({ selected: 12, remaining: 9, skipped: 2, quarantined: 1 })
  expect(operation.manifestHash).toMatch(/^[0-9a-f]{64}$/)
  expect(operation.plan).toMatchObject({
    selectedCount: 12,
    sendCount: 9,
    skippedCount: 2,
    quarantinedCount: 1,
    durationAtCapMs: 3_000,
    targets: [{ destination: place.origin, count: 9 }],
  })
  expect(operation.plan?.exclusions.map((one) => one.reason).toSorted()).toEqual([
    'came back 2 times: never sent again by a bulk operation',
    'nowhere does not exist',
    'the origin is unknown',
  ])
})

test('a dead letter that is only a reference is never sent: its copy would be an empty message', async () => {
  start({ broker: openBroker('log') })
  const place = await makePlace(3)
  const letters = database().database.update(deadLetter).set({ dialect: 'kafka-share-group' })
  await letters.where(eq(deadLetter.position, '0@0'))
  const { operation } = await planAsPerson(database().database, place)
  expect(operation.plan).toMatchObject({
    sendCount: 2,
    exclusions: [{ state: 'skipped', count: 1, reason: expect.stringContaining('only a reference to the message') }],
  })
})

test('the dry run names the target and the source whose confirmed messages one lost broker would take along', async () => {
  start({ broker: openBroker('log') })
  const place = await makePlace(2)
  const setSettings = (name: string, settings: Record<string, string>) =>
    database().database.update(destination).set({ settings }).where(eq(destination.name, name))
  await setSettings(place.origin, { 'replication.factor': '1', 'min.insync.replicas': '1' })
  await setSettings(place.source, { 'replication.factor': '3', 'min.insync.replicas': '1' })
  const { operation } = await planAsPerson(database().database, place)
  expect(operation.plan?.warnings).toEqual([
    expect.stringContaining(`${place.origin} has a single replica`),
    expect.stringContaining(`${place.source}, where the dead letters lie, has min.insync.replicas 1`),
  ])
})

test('a selection that matches nothing fails the plan, and says so', async () => {
  start({ broker: openBroker('log') })
  const place = await makePlace(1)
  const { operation } = await planAsPerson(database().database, { ...place, fingerprint: 'other' })
  expect(operation).toMatchObject({ state: 'failed', stateReason: 'no open dead letter matches the selection' })
})

test('a message that another operation has redriven meanwhile is not sent a second time', async () => {
  start({ broker: openBroker('log') })
  const place = await makePlace(20)
  const second = await planAsPerson(database().database, place)
  const first = await redriveAsPerson(database().database, place)
  await waitForState(database().database, first, ['completed'])
  await startOperation(
    { database: database().database, actor: OPERATOR },
    { operationId: second.operation.id, manifestHash: second.operation.manifestHash ?? '' },
  )
  const { counts } = await waitForState(database().database, second.operation.id, ['completed'])
  expect(counts).toMatchObject({ confirmed: 0, skipped: 20 })
  expect(copiesAt(place.origin)).toHaveLength(20)
})
