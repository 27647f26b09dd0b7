import type { SpanRecord } from '#domain/trace/span.ts'

/** Spring's retry containers throw this while a message is not due yet: a failed span, but the listener never ran. */
const BACK_OFF = /\bKafkaBackoffException$/

export const isPhantomAttempt = ({ exception }: SpanRecord): boolean => BACK_OFF.test(exception?.type ?? '')

/** Ids of fewer characters are counters and entry numbers, which come again. */
const LEAST_ID_LENGTH = 8

/**
 * What the messages that a span took are told apart by: their id, which a message that was sent twice keeps; else their
 * position, else who sent them. Ids are unique in their destination only. A batch is known by its links alone; empty =
 * nothing tells which message it was.
 */
export function readMessageIdentities(span: SpanRecord): readonly string[] {
  const { messaging, links } = span
  if (messaging === null) return []
  const place = `${messaging.system}\0${messaging.destination ?? ''}`
  if (links.length <= 1) {
    if (messaging.messageId !== null && messaging.messageId.length >= LEAST_ID_LENGTH)
      return [`m\0${place}\0${messaging.messageId}`]
    if (messaging.offset !== null) return [`p\0${place}\0${messaging.partition ?? ''}\0${messaging.offset}`]
    if (messaging.messageId !== null) return [`m\0${place}\0${messaging.messageId}`]
  }
  const senders = links.map(({ traceId, spanId }) => `s\0${place}\0${traceId}${spanId}`)
  // Two links to one sender: it sent a batch as one span, so that it does not tell its messages apart.
  const once = senders.filter((sender, index) => senders.indexOf(sender) === index)
  if (once.length < senders.length)
    return once.filter((sender) => senders.indexOf(sender) === senders.lastIndexOf(sender))
  if (senders.length > 0) return senders
  return span.parentSpanId === null ? [] : [`s\0${place}\0${span.traceId}${span.parentSpanId}`]
}
