import { connect } from 'node:net'
import { deflateSync, gzipSync } from 'node:zlib'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ingest, startIngest } from '#collector/ingest/start-ingest.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { createLog } from '#log.ts'
import { SpanBatchWriter } from '#telemetry-store/postgres/span-batch-writer.ts'
import { stageOwnSpans } from '#telemetry-store/postgres/stage-own-spans.ts'
import { dayNumber } from '#telemetry-store/postgres/copy-row.ts'
import { openTelemetryReader } from '#telemetry-store/postgres/open-telemetry-reader.ts'

const database = useTestDatabase()
const log = createLog('test', 'silent')
let ingest: Ingest
const start = (pool: pg.Pool, maxQueuedBytes?: number) =>
  startIngest({
    pool,
    httpPort: 0,
    grpcPort: 0,
    host: '127.0.0.1',
    log,
    ...(maxQueuedBytes === undefined ? {} : { maxQueuedBytes }),
  })

beforeAll(async () => {
  ingest = await start(database().pool)
})
afterAll(() => ingest.stop())

type Spans = Parameters<ProtobufExporter['export']>[0]

/** A span as the SDK hands it to an exporter. */
function sdkSpans(traceId: string): Spans {
  const span = {
    name: 'process orders',
    kind: SpanKind.CONSUMER,
    spanContext: () => ({ traceId, spanId: '1'.repeat(16), traceFlags: 1 }),
    parentSpanContext: { traceId, spanId: '2'.repeat(16), traceFlags: 1, isRemote: true },
    startTime: [1_795_000_000, 123_456_789],
    endTime: [1_795_000_001, 123_456_999],
    duration: [1, 210],
    status: { code: SpanStatusCode.ERROR, message: 'card refused' },
    attributes: {
      'messaging.system': 'kafka',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'orders',
      'messaging.kafka.offset': '42',
      'messaging.message.conversation_id': `order-${traceId.slice(0, 4)}`,
      count: 7,
      ratio: 0.25,
      isTrue: true,
      list: ['a', 'b'],
    },
    links: [
      { context: { traceId: '9'.repeat(32), spanId: '8'.repeat(16), traceFlags: 1 }, attributes: { why: 'batch' } },
    ],
    events: [
      {
        time: [1_795_000_000, 500_000_000],
        name: 'exception',
        attributes: { 'exception.type': 'CardError', 'exception.message': 'no', 'exception.stacktrace': 'at pay' },
      },
    ],
    ended: true,
    resource: {
      attributes: { 'service.name': 'payments', 'service.version': '1.2.3', 'host.name': 'h1' },
      asyncAttributesPending: false,
      merge: () => span.resource,
      getRawAttributes: () => Object.entries(span.resource.attributes),
    },
    instrumentationScope: { name: 'kafkajs', version: '1' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 3,
  }
  return [span] as unknown as Spans
}

test.each([
  ['JSON over HTTP', '1'.repeat(32), () => new JsonExporter({ url: `http://127.0.0.1:${ingest.httpPort}/v1/traces` })],
  [
    'protobuf over HTTP',
    '2'.repeat(32),
    () => new ProtobufExporter({ url: `http://127.0.0.1:${ingest.httpPort}/v1/traces` }),
  ],
  ['gRPC', '3'.repeat(32), () => new GrpcExporter({ url: `http://127.0.0.1:${ingest.grpcPort}` })],
] as const)('what the official exporter sends as %s is stored field by field', async (_name, traceId, open) => {
  const exporter = open()
  const result = await new Promise<{ code: number; error?: Error }>((resolve) =>
    exporter.export(sdkSpans(traceId), resolve),
  )
  await exporter.shutdown()
  expect(result).toEqual({ code: 0 })
  const detail = await openTelemetryReader(database().pool).readSpanDetail(traceId, '1'.repeat(16))
  expect(detail).toEqual({
    span: {
      traceId,
      spanId: '1'.repeat(16),
      parentSpanId: '2'.repeat(16),
      service: 'payments',
      serviceVersion: '1.2.3',
      name: 'process orders',
      kind: 'consumer',
      startUs: 1_795_000_000_123_456,
      durationUs: 1_000_000,
      status: 'error',
      statusMessage: 'card refused',
      correlationId: `order-${traceId.slice(0, 4)}`,
      messaging: {
        system: 'kafka',
        operation: 'process',
        destination: 'orders',
        partition: null,
        offset: '42',
        messageId: null,
        consumerGroup: null,
        clientId: null,
        messageKey: null,
        conversationId: `order-${traceId.slice(0, 4)}`,
        batchCount: null,
      },
      exception: { type: 'CardError', message: 'no', stack: 'at pay' },
      links: [{ traceId: '9'.repeat(32), spanId: '8'.repeat(16) }],
      droppedLinkCount: 3,
      isReversed: false,
    },
    attributes: sdkSpans(traceId)[0]!.attributes,
    resource: { 'service.name': 'payments', 'service.version': '1.2.3', 'host.name': 'h1' },
    events: [
      {
        name: 'exception',
        atUs: 1_795_000_000_500_000,
        attributes: { 'exception.type': 'CardError', 'exception.message': 'no', 'exception.stacktrace': 'at pay' },
      },
    ],
    scope: 'kafkajs',
  })
})

const ids = (trace: string, id: string) => ({ traceId: trace.repeat(32), spanId: id.repeat(16) })
const request = (spans: object[]) => JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })
const PROTOBUF = { 'content-type': 'application/x-protobuf' }
const JSON_TYPE = { 'content-type': 'application/json' }

const send = (
  body: string | Uint8Array<ArrayBuffer> | null,
  headers: Record<string, string>,
  more: { port?: number; path?: string; method?: string } = {},
) =>
  fetch(`http://127.0.0.1:${more.port ?? ingest.httpPort}${more.path ?? '/v1/traces'}`, {
    method: more.method ?? 'POST',
    headers,
    body,
  })

const bytes = (buffer: Buffer) => new Uint8Array(buffer)

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
])('%s bodies are inflated', async (encoding, compress) => {
  const trace = encoding === 'gzip' ? 'a' : 'b'
  const body = bytes(compress(Buffer.from(request([ids(trace, '1')]))))
  expect((await send(body, { ...JSON_TYPE, 'content-encoding': encoding })).status).toBe(200)
  expect(await openTelemetryReader(database().pool).readSpanDetail(trace.repeat(32), '1'.repeat(16))).not.toBeNull()
})

test.each([
  ['a body that is not protobuf', bytes(Buffer.from('hello, this is not it')), PROTOBUF, {}, 400],
  ['a body that is not JSON', '{', JSON_TYPE, {}, 400],
  ['a body that is not gzip', 'x', { ...JSON_TYPE, 'content-encoding': 'gzip' }, {}, 400],
  ['an unknown content type', 'x', { 'content-type': 'text/plain' }, {}, 415],
  ['an unknown encoding', 'x', { ...JSON_TYPE, 'content-encoding': 'br' }, {}, 415],
  ['GET', null, JSON_TYPE, { method: 'GET' }, 405],
  ['an unknown path', '{}', JSON_TYPE, { path: '/v1/profiles' }, 404],
  [
    'a bomb of 64 MiB',
    bytes(gzipSync(Buffer.alloc(64 * 1024 * 1024))),
    { ...PROTOBUF, 'content-encoding': 'gzip' },
    {},
    413,
  ],
  ['a plain body over 20 MiB', bytes(Buffer.alloc(21 * 1024 * 1024)), PROTOBUF, {}, 413],
] as const)('%s is refused and must not be sent again', async (_what, body, headers, more, status) => {
  const answer = await send(body, headers, more).catch(() => null)
  // A sender that is still writing when the answer comes may see its connection end instead.
  if (answer === null) expect(status).toBe(413)
  else {
    expect(answer.status).toBe(status)
    expect(answer.headers.get('retry-after')).toBeNull()
    expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(0)
  }
  expect((await send(request([]), JSON_TYPE)).status).toBe(200)
})

test('metrics and logs are accepted and dropped', async () => {
  const before = { ...ingest.counts.ignoredRequests }
  expect((await send('{}', JSON_TYPE, { path: '/v1/metrics' })).status).toBe(200)
  expect((await send('{}', JSON_TYPE, { path: '/v1/logs' })).status).toBe(200)
  expect(ingest.counts.ignoredRequests).toEqual({ metrics: before.metrics + 1, logs: before.logs + 1 })
})

test('what is rejected in an accepted request is said', async () => {
  const answer = await send(request([ids('c', '1'), ids('0', '1')]), JSON_TYPE)
  expect(await answer.json()).toEqual({
    partialSuccess: { rejectedSpans: '1', errorMessage: '1 spans without a valid trace id' },
  })
})

test('a request that is sent again is stored once', async () => {
  const body = request([ids('d', '1'), ids('d', '2')])
  const answers = await Promise.all([send(body, JSON_TYPE), send(body, JSON_TYPE), send(body, JSON_TYPE)])
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200])
  const { rows } = await database().pool.query('select count(*)::int as count from span where trace_id = $1', [
    'd'.repeat(32),
  ])
  expect(rows[0].count).toBe(2)
})

test('a full queue answers 503 with Retry-After and keeps nothing', async () => {
  const full = await start(database().pool, 10)
  const answer = await send(request([ids('e', '1')]), JSON_TYPE, { port: full.httpPort })
  await full.stop()
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2'])
})

test('without Postgres the answer is 503 and UNAVAILABLE, and nothing is acknowledged', async () => {
  const dead = new pg.Pool({ connectionString: 'postgres://postgres@127.0.0.1:1/none', connectionTimeoutMillis: 500 })
  const orphan = await start(dead)
  const answer = await send(request([ids('f', '1')]), JSON_TYPE, { port: orphan.httpPort })
  const exporter = new GrpcExporter({ url: `http://127.0.0.1:${orphan.grpcPort}`, timeoutMillis: 1_500 })
  const result = await new Promise<{ code: number; error?: Error }>((resolve) =>
    exporter.export(sdkSpans('f'.repeat(32)), resolve),
  )
  await exporter.shutdown()
  await orphan.stop()
  await dead.end()
  expect([answer.status, answer.headers.get('retry-after'), result.code]).toEqual([503, '2', 1])
})

test('while Postgres cuts connections, what is acknowledged is stored, once', async () => {
  const { pool, url } = database()
  const own = new pg.Pool({ connectionString: url, max: 4 })
  own.on('error', () => undefined)
  const shaken = await start(own)
  let isOver = false
  const shake = async () => {
    while (!isOver)
      await pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and query ~ 'copy|flow|telemetry' and random() < 0.03`,
      )
  }
  const shaking = shake()
  const acknowledged: string[] = []
  let refused = 0
  for (let round = 0; round < 500 && (refused < 5 || acknowledged.length < 20); round += 1) {
    const trace = `abc${String(round).padStart(3, '0')}`.padEnd(32, '4')
    const body = request([{ traceId: trace, spanId: '1'.repeat(16) }])
    const answer = await send(body, JSON_TYPE, { port: shaken.httpPort })
    if (answer.status === 200) acknowledged.push(trace)
    else {
      expect(answer.status).toBe(503)
      refused += 1
    }
  }
  isOver = true
  await shaking
  await shaken.stop()
  await own.end()
  expect(refused).toBeGreaterThan(0)
  expect(acknowledged.length).toBeGreaterThan(0)
  const { rows } = await pool.query(
    `select count(*)::int as rows, count(distinct trace_id)::int as traces from span where trace_id = any($1::uuid[])`,
    [acknowledged],
  )
  expect(rows[0]).toEqual({ rows: acknowledged.length, traces: acknowledged.length })
})

test('a sender that goes away in the middle of a body does no harm', async () => {
  await new Promise<void>((resolve) => {
    const socket = connect(ingest.httpPort, '127.0.0.1', () => {
      socket.write(
        'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n{"reso',
      )
      socket.end(() => resolve())
    })
  })
  expect((await send(request([]), JSON_TYPE)).status).toBe(200)
})

test('a row that Postgres refuses costs itself, not the batch', async () => {
  const { pool } = database()
  const own = (index: number, name: string) => ({
    traceId: '7'.repeat(32),
    spanId: String(index).padStart(16, '5'),
    name,
    kind: 'internal' as const,
    startUs: 1_795_000_000_000_000,
    durationUs: 1,
    correlationId: null,
    links: [],
    attributes: {},
    isError: false,
  })
  const day = dayNumber(Date.now())
  const good = stageOwnSpans([own(1, 'good')], day)
  const bad = stageOwnSpans([own(2, 'before'), own(3, 'POISON'), own(4, 'after')], day)
  // No input reaches the store like this; the row is broken on purpose: NUL is what Postgres never takes.
  bad.spans.bytes[bad.spans.bytes.indexOf('POISON')] = 0
  const outcomes = await new SpanBatchWriter(pool).write([good, bad])
  expect(outcomes.map((outcome) => outcome.refusedRowCount)).toEqual([0, 1])
  const { rows } = await pool.query('select name from span where trace_id = $1 order by name', ['7'.repeat(32)])
  expect(rows.map((row) => row.name)).toEqual(['after', 'before', 'good'])
})
