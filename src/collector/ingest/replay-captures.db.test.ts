import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ingest, startIngest } from '#collector/ingest/start-ingest.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { createLog } from '#log.ts'
import { bodiesOf, listCaptures, postBody } from '#otlp/captured-bodies.ts'
import { openTelemetryReader } from '#telemetry-store/postgres/open-telemetry-reader.ts'

const database = useTestDatabase()
let ingest: Ingest

beforeAll(async () => {
  ingest = await startIngest({
    pool: database().pool,
    httpPort: 0,
    grpcPort: 0,
    host: '127.0.0.1',
    log: createLog('test', 'silent'),
  })
})
afterAll(() => ingest.stop())

/** Span counts of the captures as their notes give them. */
const SPANS: Readonly<Record<string, number>> = {
  'go-a-franz-default': 174,
  'go-b-sarama-default': 204,
  'java-a-kafka-default': 117,
  'java-a-kafka-stable': 117,
  'java-b-springkafka-default': 777,
  'java-c-springamqp-stable': 280,
  'java-d-sqs-stable': 184,
  'node-amqplib': 212,
  'node-aws': 462,
  'node-cloudevents': 154,
  'node-kafkajs': 197,
  'python-agents-default': 635,
  'python-celery-redis': 407,
  'python-confluent': 193,
}

describe.each(listCaptures())('%s', (scenario) => {
  test('is stored span by span, once, also when it is sent twice', async () => {
    const { pool } = database()
    const before = Number((await pool.query('select count(*) from span')).rows[0].count)
    for (const body of [...bodiesOf(scenario), ...bodiesOf(scenario)]) {
      const answer = await postBody(ingest.httpPort, body)
      expect(answer.status).toBe(200)
      expect(await answer.text()).toBe(body.isJson ? '{}' : '')
    }
    const after = Number((await pool.query('select count(*) from span')).rows[0].count)
    expect(after - before).toBe(SPANS[scenario])
  })
})

test('every span that names a messaging system and an operation is normalised', async () => {
  const { rows } = await database().pool.query(
    `select name, kind, attributes::text from span
     where system is null and attributes::text ~ '"messaging.system":' and attributes::text ~ '"messaging.operation'`,
  )
  expect(rows).toEqual([])
})

test('every span belongs to a flow, and the rows of the list count each span at most once', async () => {
  const { pool } = database()
  const lonely = await pool.query(
    'select count(*) from span s where not exists (select from flow_member m where m.trace_id = s.trace_id)',
  )
  expect(lonely.rows[0].count).toBe('0')
  const { rows } = await pool.query(
    'select sum(span_count)::int as counted, (select count(*)::int from span) as stored from flow',
  )
  expect(rows[0].counted).toBeGreaterThan(0.8 * rows[0].stored)
  expect(rows[0].counted).toBeLessThanOrEqual(rows[0].stored)
})

test('a sample of recent traces holds every service, with the keys, the library and the language of its spans', async () => {
  const reader = openTelemetryReader(database().pool)
  const { rows } = await database().pool.query<{ first: string; last: string }>(
    'select min(start_us) as first, max(start_us) as last from span',
  )
  const window = { fromUs: Number(rows[0]!.first), toUs: Number(rows[0]!.last) + 1 }
  const servicesIn = async () =>
    [...new Set((await reader.observeServices(window)).map(({ span }) => span.service))].toSorted()
  const known = ['audit', 'checkout', 'orders-mcp', 'payments', 'payments-worker', 'refund-agent', 'shipping']
  await expect.poll(servicesIn, { timeout: 40_000 }).toEqual(expect.arrayContaining(known))
  const observed = await reader.observeServices(window)
  const messaging = observed.filter(({ span }) => span.messaging?.system === 'kafka')
  expect(messaging.filter(({ attributeKeys }) => !attributeKeys.includes('messaging.system'))).toEqual([])
  expect(messaging.filter(({ scope, language }) => scope === null || language === null)).toEqual([])
  const [one] = messaging
  const detail = await reader.readSpanDetail(one!.span.traceId, one!.span.spanId)
  expect(one!.attributeKeys.toSorted()).toEqual(Object.keys(detail!.attributes).toSorted())
})

test('what was taken in a window is read with everything that tells messages apart', async () => {
  const reader = openTelemetryReader(database().pool)
  const { rows } = await database().pool.query<{ first: string; last: string }>(
    `select min(start_us) as first, max(start_us) as last from span where destination = 'payments.orders'`,
  )
  const window = { fromUs: Number(rows[0]!.first), toUs: Number(rows[0]!.last) + 1, destination: 'payments.orders' }
  const { spans, fromUs } = await reader.readTakenSpans(window)
  expect(fromUs).toBe(window.fromUs)
  expect(spans).toHaveLength(37)
  expect(new Set(spans.map(({ messaging }) => messaging?.messageId)).size).toBe(30)
  const [first] = spans
  const trace = await reader.readTraces([first!.traceId])
  expect(trace.map(({ spanId }) => spanId)).toContain(first!.spanId)
})

test('the versions that a service said it has can be chosen from', async () => {
  const { pool } = database()
  const said = await pool.query<{ service: string; service_version: string }>(
    'select service, service_version from span_origin where service_version is not null limit 1',
  )
  const [one] = said.rows
  const reader = openTelemetryReader(pool)
  expect(await reader.readServiceVersions(one!.service)).toContain(one!.service_version)
  expect(await reader.readServiceVersions('nobody')).toEqual([])
})
