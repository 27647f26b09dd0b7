import type pg from 'pg'
import { assembleFlow } from '#domain/flow/assemble-flow.ts'
import type { Flow } from '#domain/flow/flow.ts'
import { openTelemetryReader } from '#telemetry-store/postgres/open-telemetry-reader.ts'

/** One span of a story, as a client would send it. */
export interface Act {
  /** `trace/span`, in a few letters. */
  readonly id: string
  readonly service: string
  readonly name?: string
  readonly kind?: 'producer' | 'consumer' | 'client' | 'internal'
  readonly parent?: string
  readonly links?: readonly string[]
  readonly dropped?: number
  /** Milliseconds since the story began; how long. */
  readonly at: number
  readonly for?: number
  readonly says?: Readonly<Record<string, string | number>>
}

const KINDS = { internal: 1, client: 3, producer: 4, consumer: 5 } as const
const hex = (text: string, length: number): string =>
  Buffer.from(text).toString('hex').padStart(length, '0').slice(-length)
let storyNumber = 0
const startMs = Date.now() - 3_600_000

/**
 * Sends acts, each in a body of its own unless said otherwise, the last first: children come before their
 * parents. Every story has ids, services and a minute of its own. @returns what reads a flow by trace (`a/`) or by any id
 */
export async function tellStory(
  { pool, port }: { readonly pool: pg.Pool; readonly port: number },
  acts: readonly Act[],
  isOneBody = false,
): Promise<(id: string) => Promise<Flow>> {
  storyNumber += 1
  const story = `s${storyNumber}`
  const traceOf = (id: string) => hex(`${story}${id.split('/')[0]}`, 32)
  const spanOf = (id: string) => hex(`${story}${id}`, 16)
  const beganMs = startMs + storyNumber * 60_000
  const nanos = (ms: number) => `${BigInt(Math.round((beganMs + ms) * 1_000)) * 1_000n}`
  const resourceSpans = acts.toReversed().map((act) => {
    const attributes = Object.entries(act.says ?? {}).map(([key, value]) => ({
      key,
      value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
    }))
    const span = {
      traceId: traceOf(act.id),
      spanId: spanOf(act.id),
      ...(act.parent === undefined ? {} : { parentSpanId: spanOf(act.parent) }),
      name: act.name ?? act.id,
      kind: KINDS[act.kind ?? 'internal'],
      startTimeUnixNano: nanos(act.at),
      endTimeUnixNano: nanos(act.at + (act.for ?? 2)),
      attributes,
      links: (act.links ?? []).map((link) => ({ traceId: traceOf(link), spanId: spanOf(link) })),
      droppedLinksCount: act.dropped ?? 0,
    }
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: `${act.service}-${story}` } }] }
    return { resource, scopeSpans: [{ spans: [span] }] }
  })
  for (const one of isOneBody ? [resourceSpans] : resourceSpans.map((only) => [only])) {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: one }),
    })
    if (answer.status !== 200) throw new Error(`the collector answered ${answer.status}: ${await answer.text()}`)
  }
  const reader = openTelemetryReader(pool)
  return async (id) => {
    const read = await reader.readFlowSpans(id.includes('/') ? traceOf(id) : id, 10_000)
    return assembleFlow({ ...read, deadLetters: [], operationItems: [] })
  }
}

/** A send of the current convention. */
export const send = (to: string, more: Act['says'] = {}) => ({
  kind: 'producer' as const,
  name: `send ${to}`,
  says: { 'messaging.system': 'kafka', 'messaging.operation.type': 'send', 'messaging.destination.name': to, ...more },
})
/** A receipt of the current convention. */
export const take = (from: string, more: Act['says'] = {}, operation = 'process') => ({
  kind: 'consumer' as const,
  name: `${operation} ${from}`,
  says: {
    'messaging.system': 'kafka',
    'messaging.operation.type': operation,
    'messaging.destination.name': from,
    ...more,
  },
})
/** Where in the log a message is. */
export const place = (partition: number, offset: number) => ({
  'messaging.destination.partition.id': String(partition),
  'messaging.kafka.offset': offset,
})
