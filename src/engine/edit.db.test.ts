import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { appendToMemory } from '#brokers/memory/memory-log.ts'
import { deadLetter } from '#db/schema/dead-letter.ts'
import { messageArchive } from '#db/schema/message-archive.ts'
import { storeHeader } from '#db/stored-header.ts'
import { openMaskRule } from '#domain/masking/mask-text.ts'
import { printPosition } from '#domain/position.ts'
import { planAsPerson, redriveAsPerson, waitForState } from '#engine/engine-fixture.ts'
import { useMemoryEngine, type MemoryPlace } from '#engine/memory-engine.ts'
import { readEdits } from '#server/read-edits.ts'

const { database, log, openBroker, start, makePlace, copiesAt, itemsOf } = useMemoryEngine()
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = (value: Uint8Array | null): string => new TextDecoder().decode(value ?? new Uint8Array())

const EDIT = [
  { act: 'set', part: 'payload', at: 'amount.currency', value: '"EUR"' },
  { act: 'remove', part: 'header', at: 'retry' },
] as const

/** Dead letters with these payloads, in the broker and, up to `cutAt` bytes, in the inbox. */
async function makeOrders(payloads: readonly string[], cutAt = 65_536): Promise<MemoryPlace> {
  const place = await makePlace(0)
  const headers = [
    { name: 'retry', value: bytes('3') },
    { name: 'tenant', value: bytes('acme') },
  ]
  for (const [at, payload] of payloads.entries()) {
    const { position } = appendToMemory(log, {
      destination: place.source,
      lane: null,
      key: bytes(`key-${at}`),
      headers,
      payload: bytes(payload),
      timestampMs: 1_000 + at,
      idempotencyId: '',
    })
    await database()
      .database.insert(deadLetter)
      .values({
        clusterId: 'm',
        destination: place.source,
        position: printPosition(position),
        deadAt: new Date(1_000 + at),
        dialect: 'none',
        originDestination: place.origin,
        fingerprint: place.fingerprint,
        fingerprintTitle: 'a bug',
        headers: headers.map(storeHeader),
        payload: bytes(payload).subarray(0, cutAt),
        payloadBytes: payload.length,
        isPayloadCut: payload.length > cutAt,
      })
  }
  return place
}

test('every copy is changed as the plan said, what does not decode stays, and the originals are kept', async () => {
  start({ broker: openBroker('queue') })
  const place = await makeOrders([
    '{"id":1,"amount":{"currency":"EURO"}}',
    'not json',
    '{ "id": 2, "amount": { "currency": "EUR" } }',
    '{"id":3,"iban":"DE02120300000000202051","amount":{"currency":"USD","cents":1.00}}',
  ])
  const { operation } = await planAsPerson(database().database, { ...place, edit: EDIT })
  expect(operation.plan).toMatchObject({
    sendCount: 3,
    skippedCount: 1,
    edit: { changedCount: 3, unchangedCount: 0 },
    exclusions: [{ reason: 'the edit does not fit: the payload is no JSON', state: 'skipped', count: 1 }],
  })
  const id = await redriveAsPerson(database().database, { ...place, edit: EDIT })
  await waitForState(database().database, id, ['completed'])
  const copies = copiesAt(place.origin)
  expect(copies.map((copy) => textOf(copy.payload)).toSorted()).toEqual([
    '{ "id": 2, "amount": { "currency": "EUR" } }',
    '{"id":1,"amount":{"currency":"EUR"}}',
    '{"id":3,"iban":"DE02120300000000202051","amount":{"currency":"EUR","cents":1.00}}',
  ])
  expect(new Set(copies.flatMap((copy) => copy.headers.map((header) => header.name))).has('retry')).toBe(false)
  expect(copies.every((copy) => copy.headers.some((header) => header.name === 'tenant'))).toBe(true)
  expect(copiesAt(place.source).map((message) => textOf(message.payload))).toEqual(['not json'])
  const kept = await database().database.select().from(messageArchive).where(eq(messageArchive.operationId, id))
  expect(kept.map((row) => textOf(row.payload)).toSorted()).toEqual([
    '{ "id": 2, "amount": { "currency": "EUR" } }',
    '{"id":1,"amount":{"currency":"EURO"}}',
    '{"id":3,"iban":"DE02120300000000202051","amount":{"currency":"USD","cents":1.00}}',
  ])
})

test('the diff of every message can be read page by page, masked by the rule', async () => {
  start({ broker: openBroker('log') })
  const place = await makeOrders(['{"card":{"number":1}}', '{"card":{"number":2},"note":"x"}'])
  const edit = [
    { act: 'set', part: 'payload', at: 'card.number', value: '3' },
    { act: 'set', part: 'payload', at: 'note', value: '"y"' },
  ] as const
  const { operation } = await planAsPerson(database().database, { ...place, edit })
  const rule = openMaskRule('')
  const first = await readEdits(database().database, rule, { operationId: operation.id, afterOrdinal: 0, limit: 1 })
  expect(first).toMatchObject({ items: [{ ordinal: 1, note: null }], nextOrdinal: 1 })
  const second = await readEdits(database().database, rule, { operationId: operation.id, afterOrdinal: 1, limit: 5 })
  expect(second.nextOrdinal).toBeNull()
  expect(second.items[0]?.changes).toEqual([
    { part: 'payload', at: 'card.number', before: '••••••••', after: '••••••••' },
    { part: 'payload', at: 'note', before: '"x"', after: '"y"' },
  ])
})

test('a payload that the inbox holds in part is tried and sent whole', async () => {
  start({ broker: openBroker('log') })
  const place = await makeOrders([`{"pad":"${'x'.repeat(200)}","amount":{"currency":"EURO"}}`], 50)
  const { operation } = await planAsPerson(database().database, { ...place, edit: EDIT })
  expect(operation.plan).toMatchObject({ sendCount: 1, edit: { changedCount: 1, unchangedCount: 0 } })
  const id = await redriveAsPerson(database().database, { ...place, edit: EDIT })
  await waitForState(database().database, id, ['completed'])
  expect(textOf(copiesAt(place.origin)[0]?.payload ?? null)).toContain('{"currency":"EUR"}')
})

test('another edit is another plan: its hash differs, and a live message that is another one by now is not sent', async () => {
  start({ broker: openBroker('log') })
  const place = await makeOrders(['{"amount":{"currency":"EURO"}}'])
  const hashOf = async (edit: typeof EDIT | undefined) =>
    (await planAsPerson(database().database, { ...place, ...(edit && { edit }) })).operation.manifestHash
  expect(await hashOf(EDIT)).not.toBe(await hashOf(undefined))
  expect(await hashOf(EDIT)).toBe(await hashOf(EDIT))
  for (const lane of log.destinations.get(place.source)?.lanes ?? []) {
    for (const [at, message] of lane.entries()) if (message) lane[at] = { ...message, payload: bytes('torn') }
  }
  const id = await redriveAsPerson(database().database, { ...place, edit: EDIT })
  const { counts } = await waitForState(database().database, id, ['partial'])
  expect(counts).toMatchObject({ confirmed: 0, failed: 1 })
  expect((await itemsOf(id))[0]?.reason).toMatch(/^gap: another message lies at its position now/)
  expect(copiesAt(place.origin)).toEqual([])
})
