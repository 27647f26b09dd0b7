import type { Broker } from '#brokers/broker.ts'
import { readTraceParent } from '#domain/dead-letter/read-trace-parent.ts'
import type { BrokerMessage } from '#domain/message.ts'
import { printPosition } from '#domain/position.ts'
import type { CorrelationRule } from '#domain/trace/correlation-rule.ts'
import { readRecordIds } from '#domain/trace/read-record-ids.ts'
import type { ReadRecord, UnnamedMessage } from '#telemetry-store/postgres/record-ids.ts'

/** Records this close are fetched together by the adapters; each such stretch costs about one request. */
const NEAR = 200
/** Stretches of one destination that are read in a round. */
const MAX_STRETCHES = 8

/** Of the wanted messages those that a few requests can bring, the first asked for first. */
export function chooseNearby(wanted: readonly UnnamedMessage[]): readonly UnnamedMessage[] {
  const stretches: { readonly lane: string; readonly around: number[] }[] = []
  return wanted.filter(({ lane, sequence }) => {
    const place = Number(sequence)
    const known = stretches.find((one) => one.lane === lane && one.around.some((at) => Math.abs(at - place) <= NEAR))
    if (known !== undefined) return known.around.push(place) > 0
    if (stretches.length === MAX_STRETCHES) return false
    return stretches.push({ lane, around: [place] }) > 0
  })
}

/** A clock of a broker and one of a service do not disagree by more than this. */
const CLOCK_SLACK_US = 60_000_000
/** Positions begin anew when a topic is made again; what is older than this when it is taken is of another topic. */
const MAX_DWELL_US = 86_400_000_000

/**
 * Reads the records of some messages of one destination and what they are called. A record that is gone, or that cannot
 * be the message of the span, has no ids. @param isOnlyCluster whether no other broker has a destination of that name
 */
export async function readRecords(
  broker: Broker,
  messages: readonly UnnamedMessage[],
  options: { readonly rule: CorrelationRule | null; readonly isOnlyCluster: boolean; readonly signal: AbortSignal },
): Promise<readonly ReadRecord[]> {
  const [first] = messages
  if (first === undefined || broker.replaySource === undefined) return []
  const records = await broker.replaySource.readAt(
    first.destination,
    messages.map(({ lane, sequence }) => ({ lane, sequence })),
    options.signal,
  )
  const byPlace = new Map(records.map((record) => [printPosition(record.position), record]))
  return messages.map((message): ReadRecord => {
    const position = printPosition(message)
    const record = byPlace.get(position)
    const isIt = record !== undefined && isRecordOf(record, message, options.isOnlyCluster)
    const ids = isIt ? readRecordIds(record, options.rule) : { correlationId: null, foundIn: null, aliases: [] }
    const sender = isIt ? readTraceParent(record.headers) : null
    return { span: message.span, sender, destination: message.destination, position, ...ids }
  })
}

/**
 * Whether the record is the message that the span was about. Its trace context decides; a record without one is believed
 * when only one broker has the place and the times fit.
 */
function isRecordOf(record: BrokerMessage, message: UnnamedMessage, isOnlyCluster: boolean): boolean {
  const contexts = record.headers.filter(({ name, value }) => value !== null && name.toLowerCase() === 'traceparent')
  if (contexts.length > 0)
    return contexts.some((header) => message.traceIds.includes(readTraceParent([header])?.traceId ?? ''))
  const ageUs = message.startUs - (record.timestampMs ?? Number.NaN) * 1_000
  return isOnlyCluster && ageUs > -CLOCK_SLACK_US && ageUs < MAX_DWELL_US
}
