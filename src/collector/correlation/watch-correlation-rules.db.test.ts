import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { watchCorrelationRules } from '#collector/correlation/watch-correlation-rules.ts'
import { type Ingest, startIngest } from '#collector/ingest/start-ingest.ts'
import { saveRule } from '#commands/correlation/save-rule.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { createLog } from '#log.ts'
import { openTelemetryReader } from '#telemetry-store/postgres/open-telemetry-reader.ts'

const database = useTestDatabase()
const log = createLog('test', 'silent')
const admin = { kind: 'person', id: 'p1', name: 'Ada', role: 'admin' } as const
let inForce: Awaited<ReturnType<typeof watchCorrelationRules>>
let ingest: Ingest

beforeAll(async () => {
  inForce = await watchCorrelationRules(database().database, log, 20)
  ingest = await startIngest({
    pool: database().pool,
    httpPort: 0,
    grpcPort: 0,
    host: '127.0.0.1',
    log,
    correlation: inForce,
  })
})
afterAll(async () => {
  await ingest.stop()
  await inForce.stop()
})

let traceNumber = 0

/** Sends one span as OTLP JSON. @returns the correlation id under which it is stored */
async function send(destination: string, attributes: Readonly<Record<string, string>>): Promise<string | null> {
  traceNumber += 1
  const traceId = String(traceNumber).padStart(32, 'a')
  const said = { 'messaging.system': 'kafka', 'messaging.destination.name': destination, ...attributes }
  const span = {
    traceId,
    spanId: '1'.repeat(16),
    name: `send ${destination}`,
    kind: 4,
    startTimeUnixNano: `${1_795_000_000 + traceNumber}000000000`,
    endTimeUnixNano: `${1_795_000_001 + traceNumber}000000000`,
    attributes: Object.entries(said).map(([key, stringValue]) => ({ key, value: { stringValue } })),
  }
  const answer = await fetch(`http://127.0.0.1:${ingest.httpPort}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
  })
  expect(answer.status).toBe(200)
  const { rows } = await database().pool.query<{ correlation_id: string | null }>(
    'select correlation_id from span where trace_id = $1::uuid',
    [traceId],
  )
  return rows[0]?.correlation_id ?? null
}

test('a rule that is saved while spans come in decides for those that follow, and its rivals become aliases', async () => {
  const attributes = { 'messaging.header.x-order-ref': 'order-7', 'messaging.message.conversation_id': 'request-9' }
  expect(await send('orders.eu', attributes)).toBe('request-9')
  const rule = { system: 'kafka', destination: 'orders.*', names: ['X-Order-Ref'] }
  await saveRule(
    { database: database().database, actor: admin },
    { ruleId: null, rule, reason: 'the order is the flow' },
  )
  await vi.waitFor(() => expect(inForce.rules.find('kafka', 'orders.eu')).not.toBeNull(), 20_000)
  expect(await send('orders.eu', attributes)).toBe('order-7')
  expect(await send('payments', attributes)).toBe('request-9')
  const { rows } = await database().pool.query("select alias from flow_alias where flow_key = 'order-7'")
  expect(rows).toEqual([{ alias: 'request-9' }])
})

test('where the names of the rule hold junk or are missing the conventions decide', async () => {
  expect(
    await send('orders.us', { 'messaging.header.x-order-ref': 'null', 'messaging.message.conversation_id': 'c-10' }),
  ).toBe('c-10')
  expect(await send('orders.us', { 'messaging.message.conversation_id': 'c-11' })).toBe('c-11')
})

test('a rule without names keeps the ids of a destination from being ids of flows', async () => {
  const rule = { system: null, destination: 'hub', names: [] }
  await saveRule({ database: database().database, actor: admin }, { ruleId: null, rule, reason: 'one id for all' })
  await vi.waitFor(() => expect(inForce.rules.find('kafka', 'hub')).not.toBeNull(), 20_000)
  expect(await send('hub', { 'messaging.message.conversation_id': 'the-hub' })).toBeNull()
})

test('a draft is tried on recent messages of its destinations alone, whatever stands in their names', async () => {
  await send('try_a.b', { 'app.order': 'order-1' })
  await send('try_a.b', { 'app.order': 'order-2' })
  await send('tryxa.b', { 'app.order': 'order-3' })
  const reader = openTelemetryReader(database().pool)
  const query = { system: null, destination: 'try_*', fromUs: 1_795_000_000_000_000, limit: 10 }
  // The sums that lead to the messages are written every second.
  await vi.waitFor(async () => expect(await reader.readRecentMessages(query)).toHaveLength(2), 20_000)
  const found = await reader.readRecentMessages(query)
  expect(found.map(({ attributes }) => attributes['app.order'])).toEqual(['order-2', 'order-1'])
  expect(found[0]).toMatchObject({ system: 'kafka', operation: 'send', destination: 'try_a.b' })
  expect(await reader.readRecentMessages({ ...query, system: 'rabbitmq' })).toEqual([])
  expect(await reader.readRecentMessages({ ...query, limit: 1 })).toHaveLength(1)
})
