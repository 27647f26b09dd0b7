import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { assembleFlow } from '#domain/flow/assemble-flow.ts'
import type { Flow } from '#domain/flow/flow.ts'
import type { SpanRecord } from '#domain/trace/span.ts'
import { CAPTURES, listCaptures } from '#otlp/captured-bodies.ts'
import { readCapturedSpans } from '#otlp/read-captured-spans.ts'

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

const readCapture = (name: string): { readonly spans: readonly SpanRecord[]; readonly truth: Truth } => ({
  spans: readCapturedSpans(name).map(({ span }) => span),
  truth: JSON.parse(readFileSync(join(CAPTURES, name, 'truth.json'), 'utf8')) as Truth,
})

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

test.each(listCaptures())(
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
