import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'

/** Spans under each message: the send, the processing, and its work in two levels. */
const SPANS_PER_MESSAGE = 20
const MESSAGES_PER_TRACE = 50
const SPANS_PER_BODY = 2_000
const MS_NS = 1_000_000

interface MadeSpan {
  readonly service: string
  readonly span: Readonly<Record<string, unknown>>
}

/**
 * Stores one flow of exactly `spanCount` spans over OTLP/HTTP, as one batch job would leave it: messages over four
 * topics, each processed by a service that works and calls its database. Resolves when all of it is acknowledged.
 */
export async function sendFlow(otlpHttpUrl: string, flowKey: string, spanCount: number): Promise<void> {
  const spans = makeFlow(flowKey, spanCount)
  for (let first = 0; first < spans.length; first += SPANS_PER_BODY) {
    const answer = await fetch(new URL('/v1/traces', otlpHttpUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(JSON.stringify(toRequest(spans.slice(first, first + SPANS_PER_BODY))), { level: 1 }),
    })
    if (!answer.ok) throw new Error(`the collector answered ${answer.status}: ${await answer.text()}`)
    await answer.text()
  }
}

function makeFlow(flowKey: string, spanCount: number): readonly MadeSpan[] {
  const startMs = Date.now() - 3_600_000
  const spans: MadeSpan[] = []
  let traceId = ''
  let rootId = ''
  for (let message = 0; spans.length < spanCount; message += 1) {
    const atMs = startMs + message * 40
    if (message % MESSAGES_PER_TRACE === 0) {
      traceId = randomBytes(16).toString('hex')
      rootId = randomBytes(8).toString('hex')
      spans.push(
        make({ traceId, spanId: rootId, service: 'importer', name: 'import part', atMs, forMs: 2_000, kind: 2 }),
      )
    }
    spans.push(...makeMessage(flowKey, { traceId, rootId, message, atMs }))
  }
  return spans.slice(0, spanCount)
}

interface MessageAt {
  readonly traceId: string
  readonly rootId: string
  readonly message: number
  readonly atMs: number
}

function makeMessage(flowKey: string, { traceId, rootId, message, atMs }: MessageAt): readonly MadeSpan[] {
  const topic = `lines.${message % 4}`
  const service = `worker-${message % 5}`
  const [sendId, processId] = [randomBytes(8).toString('hex'), randomBytes(8).toString('hex')]
  const facts = {
    'messaging.system': 'kafka',
    'messaging.destination.name': topic,
    'messaging.message.conversation_id': flowKey,
    'messaging.destination.partition.id': '0',
    'messaging.kafka.offset': String(message),
  }
  const base = { traceId, service }
  const made = [
    make({
      ...base,
      spanId: sendId,
      parentId: rootId,
      service: 'importer',
      name: `send ${topic}`,
      atMs,
      forMs: 1,
      kind: 4,
      attributes: { ...facts, 'messaging.operation.type': 'send' },
    }),
    make({
      ...base,
      spanId: processId,
      parentId: sendId,
      name: `process ${topic}`,
      atMs: atMs + 12,
      forMs: 30,
      kind: 5,
      isError: message % 97 === 96,
      attributes: { ...facts, 'messaging.operation.type': 'process', 'messaging.consumer.group.name': 'workers' },
    }),
  ]
  let parentId = processId
  for (let step = 0; step < SPANS_PER_MESSAGE - 2; step += 1) {
    const spanId = randomBytes(8).toString('hex')
    const isOuter = step % 3 === 0
    made.push(
      make({
        ...base,
        spanId,
        parentId: isOuter ? processId : parentId,
        name: isOuter ? `step ${step}` : 'SELECT lines',
        atMs: atMs + 13 + step,
        forMs: isOuter ? 3 : 1,
        kind: isOuter ? 1 : 3,
        attributes: { 'db.system.name': 'postgresql', 'app.line': step },
      }),
    )
    if (isOuter) parentId = spanId
  }
  return made
}

interface SpanPart {
  readonly traceId: string
  readonly spanId: string
  readonly parentId?: string
  readonly service: string
  readonly name: string
  readonly atMs: number
  readonly forMs: number
  readonly kind: number
  readonly isError?: boolean
  readonly attributes?: Readonly<Record<string, string | number>>
}

function make({
  traceId,
  spanId,
  parentId,
  service,
  name,
  atMs,
  forMs,
  kind,
  isError,
  attributes = {},
}: SpanPart): MadeSpan {
  const startNs = BigInt(Math.round(atMs * MS_NS))
  return {
    service,
    span: {
      traceId,
      spanId,
      ...(parentId === undefined ? {} : { parentSpanId: parentId }),
      name,
      kind,
      startTimeUnixNano: String(startNs),
      endTimeUnixNano: String(startNs + BigInt(forMs * MS_NS)),
      attributes: Object.entries(attributes).map(([key, value]) => ({
        key,
        value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
      })),
      ...(isError === true ? { status: { code: 2, message: 'out of stock' } } : {}),
    },
  }
}

function toRequest(spans: readonly MadeSpan[]): unknown {
  const byService = Map.groupBy(spans, ({ service }) => service)
  return {
    resourceSpans: [...byService].map(([service, made]) => ({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
      scopeSpans: [{ scope: { name: 'bench' }, spans: made.map(({ span }) => span) }],
    })),
  }
}
