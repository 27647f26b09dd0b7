import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { assembleFlow } from '#domain/flow/assemble-flow.ts'
import type { Flow } from '#domain/flow/flow.ts'
import { findCorrelationId } from '#domain/trace/find-correlation-id.ts'
import { readMessagingFacts } from '#domain/trace/read-messaging-facts.ts'
import type { SpanRecord } from '#domain/trace/span.ts'
import { SPAN_KINDS, STATUS_ERROR, type SpanDraft } from '#otlp/span-draft.ts'
import type { SpanOrigin } from '#otlp/span-sink.ts'
import { walkJsonTraces } from '#otlp/walk-json-traces.ts'
import { walkProtobufTraces } from '#otlp/walk-protobuf-traces.ts'

/** What the applications' own logs say happened; no span was read for it. */
interface Truth {
  readonly orders: readonly { readonly messages: readonly TruthMessage[] }[]
}
interface TruthMessage {
  readonly destination?: string
  readonly dest?: string
  readonly partition: number | null
  readonly offset: number | string | null
  readonly producedBy: string
  readonly deliveries?: readonly { readonly service: string }[]
  readonly consumedBy?: readonly { readonly service: string }[]
}

const FOLDER = new URL('../../../fixtures/otlp/', import.meta.url)

function toRecord(draft: SpanDraft, origin: SpanOrigin): SpanRecord {
  const kind = SPAN_KINDS[draft.kind] ?? 'internal'
  const messaging = readMessagingFacts(draft.slots, draft.name, kind)
  const links = draft.links.written()
  return {
    traceId: draft.ids.toString('hex', 0, 16),
    spanId: draft.ids.toString('hex', 16, 24),
    parentSpanId: draft.hasParent ? draft.ids.toString('hex', 24, 32) : null,
    service: origin.service,
    serviceVersion: null,
    name: draft.name,
    kind,
    startUs: draft.startUs,
    durationUs: draft.durationUs(),
    status: draft.status === STATUS_ERROR ? 'error' : 'unset',
    statusMessage: draft.statusMessage,
    correlationId: findCorrelationId(draft.slots, messaging, origin.scope).correlationId,
    messaging,
    exception: null,
    links: Array.from({ length: draft.linkCount }, (_, at) => ({
      traceId: links.toString('hex', at * 24, at * 24 + 16),
      spanId: links.toString('hex', at * 24 + 16, at * 24 + 24),
    })),
    droppedLinkCount: draft.droppedLinkCount,
  }
}

function readCapture(name: string): { readonly spans: readonly SpanRecord[]; readonly truth: Truth } {
  const spans: SpanRecord[] = []
  let origin: SpanOrigin | null = null
  const sink = {
    beginOrigin: (next: SpanOrigin) => void (origin = next),
    acceptSpan: (draft: SpanDraft) => void (origin !== null && spans.push(toRecord(draft, origin))),
  }
  const folder = new URL(`${name}/`, FOLDER)
  for (const file of readdirSync(folder).toSorted()) {
    if (!file.endsWith('.gz')) continue
    const stored = readFileSync(new URL(file, folder))
    const once = gunzipSync(stored)
    const body = once[0] === 0x1f && once[1] === 0x8b ? gunzipSync(once) : once
    if (file.includes('.json')) walkJsonTraces(body, sink)
    else walkProtobufTraces(body, sink)
  }
  return { spans, truth: JSON.parse(readFileSync(new URL('truth.json', folder), 'utf8')) as Truth }
}

const assemble = (spans: readonly SpanRecord[]): Flow =>
  assembleFlow({ flowKey: 'all', spans, omittedSpanCount: 0, caps: [], deadLetters: [], operationItems: [] })

const wantedOf = (truth: Truth, withPlace: boolean): string[] =>
  truth.orders
    .flatMap(({ messages }) =>
      messages.flatMap((message) =>
        (message.deliveries ?? message.consumedBy ?? []).map(({ service }) => {
          const place = withPlace ? `/${message.partition}@${message.offset}` : ''
          return `${message.producedBy} > ${message.destination ?? message.dest}${place} > ${service}`
        }),
      ),
    )
    .toSorted()

const foundOf = ({ hops }: Flow, withPlace: boolean): string[] =>
  hops
    .filter(({ receiver }) => receiver !== null)
    .map((hop) => {
      const place = withPlace ? `/${hop.partition}@${hop.offset}` : ''
      return `${hop.sender?.service ?? '?'} > ${hop.destination}${place} > ${hop.receiver?.service}`
    })
    .toSorted()

test.each([
  ['go-a-franz-default', true],
  ['go-b-sarama-default', true],
  ['java-a-kafka-default', true],
  ['java-a-kafka-stable', true],
  ['node-kafkajs', true],
  ['node-cloudevents', true],
  // Its consumer of batches does not say where the messages were.
  ['python-confluent', false],
] as const)(
  '%s: every delivery is one hop from its own producer, though all orders are assembled at once',
  (name, withPlace) => {
    const { spans, truth } = readCapture(name)
    const flow = assemble(spans)
    expect(foundOf(flow, withPlace)).toEqual(wantedOf(truth, withPlace))
    expect(flow.hops.filter(({ isSkewed }) => isSkewed)).toEqual([])
  },
)

test('java-b-springkafka-default: only what the SDK dropped beyond 128 links is missing, and nothing is joined wrongly', () => {
  const { spans, truth } = readCapture('java-b-springkafka-default')
  const found = new Set(foundOf(assemble(spans), true))
  const wanted = new Set(wantedOf(truth, true))
  const droppedLinkCount = spans.reduce((sum, span) => sum + span.droppedLinkCount, 0)
  expect(droppedLinkCount).toBeGreaterThan(0)
  expect([...found].filter((hop) => !wanted.has(hop))).toEqual([])
  expect([...wanted].filter((hop) => !found.has(hop)).length).toBeLessThanOrEqual(droppedLinkCount)
})

test.each(readdirSync(FOLDER))(
  '%s: the rows hold every span once, and the time shares cover the flow without overlap',
  (name) => {
    const { spans } = readCapture(name)
    const { rows, timeShares, summary, criticalPath } = assemble(spans)
    const drawn = rows.flatMap(({ kind, span }) =>
      kind === 'span' && span !== null ? [`${span.traceId}:${span.spanId}`] : [],
    )
    expect(new Set(drawn).size).toBe(drawn.length)
    const hidden = spans.filter((span) => !drawn.includes(`${span.traceId}:${span.spanId}`))
    expect(hidden.every((span) => span.messaging?.operation === 'receive')).toBe(true)
    let atUs = summary.startedUs
    for (const share of timeShares) {
      expect(share.startUs).toBe(atUs)
      atUs += share.durationUs
    }
    expect(atUs).toBe(summary.endedUs)
    expect(criticalPath.length).toBeGreaterThan(0)
  },
)
