import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { SchemaFacet } from '#brokers/broker.ts'
import { startOperation } from '#commands/operation/start.ts'
import { destination } from '#db/schema/cluster.ts'
import { importFile } from '#db/schema/import-file.ts'
import { retainControlRows } from '#db/store/retention-store.ts'
import { headerText, ITEM_HEADER, OPERATION_HEADER } from '#domain/message.ts'
import { waitFor, waitForState } from '#engine/engine-fixture.ts'
import { IMPORTER, importAsPerson, planImportAsPerson } from '#engine/import-fixture.ts'
import { useMemoryEngine } from '#engine/memory-engine.ts'
import { takeImportFile } from '#server/take-import-file.ts'

const { database, openBroker, start, makePlace, copiesAt, itemsOf } = useMemoryEngine()
const textOf = (value: Uint8Array | null): string => new TextDecoder().decode(value ?? new Uint8Array())

/** A file of messages with these origins, uploaded. */
async function upload(origins: readonly (string | null)[], note = ''): Promise<string> {
  const lines = origins.map((originDestination, at) =>
    JSON.stringify({
      format: 'throughline-dead-letter/1',
      key: { text: `key-${at % 3}` },
      headers: [
        { name: 'kafka_exception-fqcn', value: { text: 'java.lang.IllegalStateException' } },
        { name: 'throughline-redrive-count', value: { text: '1' } },
      ],
      payload: { text: `message ${at}${note}` },
      originDestination,
    }),
  )
  const chunks = (async function* () {
    yield new TextEncoder().encode(lines.join('\n'))
  })()
  const taken = await takeImportFile({ database: database().database, actor: IMPORTER }, 'orders.jsonl', chunks)
  return taken.importId
}

test('every message of a file is sent to the chosen destination, with all its headers and our marks, each key in order', async () => {
  const place = await makePlace(0)
  start({ broker: openBroker('queue') })
  const importId = await upload(Array.from({ length: 50 }, () => null))
  const id = await importAsPerson(database().database, { clusterId: 'm', importId, target: place.origin })
  const { counts, operation } = await waitForState(database().database, id, ['completed'])
  expect(counts).toMatchObject({ selected: 50, confirmed: 50, failed: 0 })
  expect(operation).toMatchObject({ kind: 'import', source: expect.stringMatching(/^orders\.jsonl · [0-9a-f]{12}$/) })
  const copies = copiesAt(place.origin)
  expect(copies.map((copy) => textOf(copy.payload)).toSorted()).toEqual(
    Array.from({ length: 50 }, (_, at) => `message ${at}`).toSorted(),
  )
  for (const key of ['key-0', 'key-1', 'key-2']) {
    const ordinals = copies.flatMap((copy) =>
      textOf(copy.key) === key ? Number(headerText(copy.headers, ITEM_HEADER)) : [],
    )
    expect(ordinals).toEqual(ordinals.toSorted((left, right) => left - right))
  }
  expect(copies[0]?.headers.map((header) => header.name)).toEqual([
    'kafka_exception-fqcn',
    'throughline-redrive-count',
    'traceparent',
    OPERATION_HEADER,
    ITEM_HEADER,
  ])
  expect(headerText(copies[0]?.headers ?? [], 'throughline-redrive-count')).toBe('1')
})

test('each goes to the origin of its line; lines that name none, or one that is not there, are left out with the reason', async () => {
  const place = await makePlace(0)
  start({ broker: openBroker('log') })
  const importId = await upload([place.origin, null, 'nowhere', place.origin])
  const id = await importAsPerson(database().database, { clusterId: 'm', importId, target: null })
  await waitForState(database().database, id, ['completed'])
  expect((await itemsOf(id)).map(({ sourcePosition, state, reason }) => [sourcePosition, state, reason])).toEqual([
    ['@1', 'removed', null],
    ['@2', 'skipped', 'the file does not say where it came from'],
    ['@3', 'skipped', 'nowhere does not exist'],
    ['@4', 'removed', null],
  ])
})

test('the plan says that the very same file was imported before, and that its target is a dead-letter place', async () => {
  const place = await makePlace(0)
  start({ broker: openBroker('log') })
  const { database: db } = database()
  const wish = { clusterId: 'm', target: place.origin }
  const first = await importAsPerson(db, { ...wish, importId: await upload([null, null], ' of twice') })
  const { operation } = await waitForState(db, first, ['completed'])
  expect(operation.plan?.warnings.join(' ')).not.toContain('imported before')
  await db.update(destination).set({ deadLetterFoundBy: 'name' }).where(eq(destination.name, place.source))
  const again = await planImportAsPerson(db, {
    clusterId: 'm',
    target: place.source,
    importId: await upload([null, null], ' of twice'),
  })
  const warnings = again.operation.plan?.warnings.join(' ') ?? ''
  expect(warnings).toContain(`imported before: op-${operation.number} to ${place.origin} on m`)
  expect(warnings).toContain(`Dead letters land in ${place.source}`)
  expect(again.operation.plan).toMatchObject({ sendCount: 2, payloadBytes: 36 })
})

test('every message that would be sent is judged by the schema registry, and a finding names the lines of the file', async () => {
  const place = await makePlace(0)
  const judged: string[] = []
  const schemas: SchemaFacet = {
    decode: () => Promise.resolve(null),
    judge: (payload, target) => {
      judged.push(`${textOf(payload)} to ${target}`)
      return Promise.resolve(
        textOf(payload).startsWith('message 2')
          ? { outcome: 'does-not-fit', reason: '/total must be number', detail: null }
          : { outcome: 'fits' },
      )
    },
  }
  start({ broker: { ...openBroker('log'), schemas } })
  const importId = await upload([place.origin, 'nowhere', place.origin], ' judged')
  const wish = { clusterId: 'm', importId, target: null }
  const { operation } = await planImportAsPerson(database().database, wish)
  expect(operation.plan?.schemas).toEqual({
    fitCount: 1,
    noSchemaCount: 0,
    findings: [
      {
        outcome: 'does-not-fit',
        reason: '/total must be number',
        destination: place.origin,
        count: 1,
        examples: [{ deadLetterId: null, fingerprint: null, position: '@3', detail: null }],
      },
    ],
  })
  expect(operation.plan?.warnings.join(' ')).toContain('1 message that would not fit')
  expect(judged).toEqual([`message 0 judged to ${place.origin}`, `message 2 judged to ${place.origin}`])
})

test('an engine that ends between send and record loses nothing, and what it had sent is found and not repeated', async () => {
  const place = await makePlace(0)
  const importId = await upload(Array.from({ length: 40 }, () => null))
  start({ broker: openBroker('log'), failpoint: { text: 'sent:2:throw', nodeEnvironment: 'test' } })
  const id = await importAsPerson(database().database, { clusterId: 'm', importId, target: place.origin })
  await waitForState(database().database, id, ['completed'])
  const marks = copiesAt(place.origin).map((copy) =>
    [textOf(copy.payload), headerText(copy.headers, ITEM_HEADER)].join(' '),
  )
  expect(new Set(marks).size).toBe(40)
  expect(marks).toHaveLength(40)
})

test('the messages of a file that is past its time are removed, its hash stays, and it cannot be planned', async () => {
  const place = await makePlace(0)
  start({ broker: openBroker('log') })
  const { database: db } = database()
  const importId = await upload([null])
  await db
    .update(importFile)
    .set({ expiresAt: new Date(0) })
    .where(eq(importFile.id, importId))
  expect(await retainControlRows(db)).toMatchObject({ import_message: 1 })
  await expect(planImportAsPerson(db, { clusterId: 'm', importId, target: place.origin })).rejects.toMatchObject({
    code: 'not-found',
  })
  const [file] = await db.select().from(importFile).where(eq(importFile.id, importId))
  expect(file?.sha256).toMatch(/^[0-9a-f]{64}$/)
})

test('messages that are gone before they are sent end as gaps', async () => {
  const place = await makePlace(0)
  start({ broker: openBroker('log') })
  const { database: db } = database()
  const importId = await upload([null, null])
  const { operation } = await planImportAsPerson(db, { clusterId: 'm', importId, target: place.origin })
  await db.delete(importFile).where(eq(importFile.id, importId))
  await startOperation(
    { database: db, actor: IMPORTER },
    { operationId: operation.id, manifestHash: operation.manifestHash ?? '' },
  )
  const { counts } = await waitFor(db, operation.id, (view) => view.operation.state === 'partial')
  expect(counts).toMatchObject({ failed: 2, confirmed: 0 })
})
