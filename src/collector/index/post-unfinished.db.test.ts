import { afterAll, beforeAll, expect, test } from 'vitest'
import { postUnfinished } from '#collector/index/post-unfinished.ts'
import { openSpanIntake, type SpanIntake } from '#collector/ingest/open-span-intake.ts'
import { dropAttributeIndex } from '#commands/attribute-index/drop.ts'
import { requestAttributeIndex } from '#commands/attribute-index/request.ts'
import { auditEntry } from '#db/schema/access.ts'
import { findAttributeIndex, listAttributeIndexes } from '#db/store/attribute-index-store.ts'
import { useTestDatabase } from '#db/test-database.ts'
import type { Actor } from '#domain/access/role.ts'
import { createLog } from '#log.ts'
import { ANY_FLOW } from '#telemetry-store/any-flow.ts'
import { openTelemetryReader } from '#telemetry-store/postgres/open-telemetry-reader.ts'

const database = useTestDatabase()
const log = createLog('test', 'silent')
const admin: Actor = { kind: 'person', id: 'p1', name: 'Ada', role: 'admin' }
const operator: Actor = { kind: 'person', id: 'p2', name: 'Olga', role: 'operator' }
const T0_US = 1_795_000_000_000_000
const reason = 'support asks for it daily'
let intake: SpanIntake

beforeAll(async () => {
  intake = await openSpanIntake({ pool: database().pool, log })
})
afterAll(() => intake.close())

const as = (actor: Actor) => ({ database: database().database, actor })
const never = new AbortController().signal

const record = (digit: string, tenant: string, atUs: number) =>
  intake.telemetry.recordOwnSpans([
    {
      traceId: digit.repeat(32),
      spanId: digit.repeat(16),
      name: 'send',
      kind: 'producer',
      startUs: atUs,
      durationUs: 1_000,
      correlationId: `flow-${digit}`,
      links: [],
      attributes: { 'app.tenant': tenant },
      isError: false,
    },
  ])

async function search(key: string, value: string) {
  const page = await openTelemetryReader(database().pool).listFlows({
    ...ANY_FLOW,
    fromUs: T0_US,
    toUs: T0_US + 3_600_000_000,
    attribute: { key, value, index: await findAttributeIndex(database().database, key) },
  })
  return { keys: page.flows.map((flow) => flow.flowKey), searchedIn: page.searchedIn }
}

test('a key that is asked for is posted for what was stored before, and found by its postings then', async () => {
  await record('a', 'ünïcode "1"', T0_US + 1_000_000)
  await record('b', 'other', T0_US + 2_000_000)
  expect(await search('app.tenant', 'ünïcode "1"')).toMatchObject({ searchedIn: 'spans' })
  await requestAttributeIndex(as(admin), { key: ' app.tenant ', reason })
  await postUnfinished({ client: database(), log }, Date.now(), never)
  expect(await findAttributeIndex(database().database, 'app.tenant')).toBeNull()
  await postUnfinished({ client: database(), log }, Date.now() + 60_000, never)
  expect(await listAttributeIndexes(database().database)).toMatchObject([
    { key: 'app.tenant', completeFromUs: 0, requestedByName: 'Ada' },
  ])
  expect(await search('app.tenant', 'ünïcode "1"')).toEqual({ keys: ['flow-a'], searchedIn: 'postings' })
  expect(await search('app.tenant', 'nobody')).toEqual({ keys: [], searchedIn: 'postings' })
})

test('what the service says of itself is posted too', async () => {
  await record('c', 'x', T0_US + 3_000_000)
  await requestAttributeIndex(as(admin), { key: 'service.name', reason })
  await postUnfinished({ client: database(), log }, Date.now() + 60_000, never)
  expect((await search('service.name', 'throughline')).keys).toContain('flow-c')
})

test('a dropped key is looked for span by span again', async () => {
  await requestAttributeIndex(as(admin), { key: 'app.other', reason })
  await dropAttributeIndex(as(admin), { key: 'app.other', reason })
  await expect(dropAttributeIndex(as(admin), { key: 'app.other', reason })).rejects.toMatchObject({ code: 'not-found' })
  expect((await search('app.other', 'x')).searchedIn).toBe('spans')
})

test('only who manages settings may ask, once per key and up to a limit, and it is on record', async () => {
  await expect(requestAttributeIndex(as(operator), { key: 'app.x', reason })).rejects.toMatchObject({
    code: 'forbidden',
  })
  await expect(requestAttributeIndex(as(admin), { key: ' ', reason })).rejects.toMatchObject({ code: 'invalid' })
  await expect(requestAttributeIndex(as(admin), { key: 'x'.repeat(10_000), reason })).rejects.toMatchObject({
    code: 'invalid',
  })
  const noReason = { key: 'app.x', reason: ' ' }
  await expect(requestAttributeIndex(as(admin), noReason)).rejects.toMatchObject({ code: 'invalid' })
  await requestAttributeIndex(as(admin), { key: 'app.once', reason })
  await expect(requestAttributeIndex(as(admin), { key: 'app.once', reason })).rejects.toMatchObject({
    code: 'conflict',
  })
  const fill = async () => {
    for (let number = 0; number < 20; number += 1)
      await requestAttributeIndex(as(admin), { key: `app.fill-${number}`, reason })
  }
  await expect(fill()).rejects.toMatchObject({ code: 'limit' })
  const entries = await database().database.select().from(auditEntry)
  expect(entries.map(({ verb, target, outcome }) => ({ verb, target, outcome }))).toEqual(
    expect.arrayContaining([
      { verb: 'attribute-index.request', target: 'attribute-index:app.once', outcome: 'allowed' },
      { verb: 'attribute-index.request', target: 'none', outcome: 'denied' },
      { verb: 'attribute-index.drop', target: 'attribute-index:app.other', outcome: 'allowed' },
    ]),
  )
})
