/** Ten minutes before the test. */
export const startMs = Date.now() - 600_000
export const ns = (ms: number): string => `${BigInt(Math.round((startMs + ms) * 1_000)) * 1_000n}`
export const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0')
export const textBag = (bag: Readonly<Record<string, string>>) =>
  Object.entries(bag).map(([key, stringValue]) => ({ key, value: { stringValue } }))

/** Milliseconds since {@link startMs}; `more` is sent as it is. */
export interface SentSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name?: string
  readonly kind?: number
  readonly at: number
  readonly for?: number
  readonly says?: Readonly<Record<string, string>>
  readonly more?: Readonly<Record<string, unknown>>
}

const toSpan = ({ traceId, spanId, parentSpanId, name, kind, at, for: forMs, says, more }: SentSpan): object => ({
  traceId,
  spanId,
  ...(parentSpanId === undefined ? {} : { parentSpanId }),
  name: name ?? 'x',
  kind: kind ?? 1,
  startTimeUnixNano: ns(at),
  endTimeUnixNano: ns(at + (forMs ?? 1)),
  ...(says === undefined ? {} : { attributes: textBag(says) }),
  ...more,
})

/** Sends spans of one service to the collector, whatever they claim. @returns how many of them were refused */
export async function postSpans(
  port: number,
  spans: readonly SentSpan[],
  service = 'checkout',
  resource: Readonly<Record<string, string>> = {},
): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      resourceSpans: [
        {
          resource: { attributes: textBag({ 'service.name': service, ...resource }) },
          scopeSpans: [{ spans: spans.map(toSpan) }],
        },
      ],
    }),
  })
  const text = await answer.text()
  if (answer.status !== 200) throw new Error(`the collector answered ${answer.status}: ${text}`)
  const said = JSON.parse(text) as { partialSuccess?: { rejectedSpans?: string } }
  return Number(said.partialSuccess?.rejectedSpans ?? 0)
}

/** What a span says of a message on `orders`. */
export const message = (operation: string, key: string, more: Readonly<Record<string, string>> = {}) => ({
  'messaging.system': 'kafka',
  'messaging.operation.type': operation,
  'messaging.destination.name': 'orders',
  'messaging.message.conversation_id': key,
  ...more,
})
