import { randomBytes } from 'node:crypto'

export interface TestSpan {
  readonly service: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name?: string
  readonly kind: number
  readonly atUs: number
  readonly forUs?: number
  readonly exception?: string
  readonly attributes?: Readonly<Record<string, string | number>>
}

const ns = (us: number): string => `${BigInt(Math.round(us)) * 1000n}`
const attributesOf = (bag: Readonly<Record<string, string | number>>) =>
  Object.entries(bag).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }))

/** An export request (OTLP as JSON) of these spans. */
export const bodyOf = (spans: readonly TestSpan[]) =>
  Buffer.from(
    JSON.stringify({
      resourceSpans: spans.map((span) => ({
        resource: { attributes: attributesOf({ 'service.name': span.service, region: `region of ${span.service}` }) },
        scopeSpans: [
          {
            spans: [
              {
                traceId: span.traceId,
                spanId: span.spanId,
                parentSpanId: span.parentSpanId ?? '',
                name: span.name ?? 'x',
                kind: span.kind,
                startTimeUnixNano: ns(span.atUs),
                endTimeUnixNano: ns(span.atUs + (span.forUs ?? 1_000)),
                attributes: attributesOf(span.attributes ?? {}),
                ...(span.exception === undefined
                  ? {}
                  : {
                      status: { code: 2 },
                      events: [
                        {
                          name: 'exception',
                          timeUnixNano: ns(span.atUs),
                          attributes: attributesOf({ 'exception.type': span.exception }),
                        },
                      ],
                    }),
              },
            ],
          },
        ],
      })),
    }),
  )

interface TestFlow {
  readonly key: string
  readonly atUs: number
  readonly from?: string
  readonly to?: string
  readonly queue?: string
  readonly group?: string
  readonly waitUs?: number
  readonly takes?: number
  readonly failure?: string
  readonly messageKey?: string
  readonly offset?: number
  readonly attributes?: Readonly<Record<string, string | number>>
}

/** A message from one service to another, taken once or more often. */
export function flow(shape: TestFlow): readonly TestSpan[] {
  const { key, atUs, from = 'shop', to = 'till', queue = 'orders', group = 'tills', waitUs = 5_000, takes = 1 } = shape
  const traceId = randomBytes(16).toString('hex')
  const spanId = randomBytes(8).toString('hex')
  const messaging = (operation: string) => ({
    'messaging.system': 'kafka',
    'messaging.operation.type': operation,
    'messaging.destination.name': queue,
    'messaging.message.conversation_id': key,
    ...(shape.messageKey === undefined ? {} : { 'messaging.kafka.message.key': shape.messageKey }),
    ...(shape.offset === undefined
      ? {}
      : { 'messaging.destination.partition.id': '3', 'messaging.kafka.offset': shape.offset }),
  })
  const sent = {
    service: from,
    traceId,
    spanId,
    kind: 4,
    atUs,
    attributes: { ...messaging('send'), ...shape.attributes },
  }
  const taken = Array.from({ length: takes }, (_, index) => ({
    service: to,
    traceId,
    spanId: randomBytes(8).toString('hex'),
    parentSpanId: spanId,
    kind: 5,
    atUs: atUs + waitUs + index * 10_000,
    attributes: { ...messaging('process'), 'messaging.consumer.group.name': group },
    ...(shape.failure !== undefined && index === 0 ? { exception: shape.failure } : {}),
  }))
  return [sent, ...taken]
}
