import type { FoundSender } from '#domain/flow/resolve-senders.ts'
import { keyOf, isSender, type SpanIndex } from '#domain/flow/span-index.ts'
import type { SpanRecord } from '#domain/trace/span.ts'

/** Spans below a batch that are looked at. */
const MAX_BELOW = 10_000

/**
 * Senders of the messages of a batch whose links were cut by the SDK: those that nobody else took, to the same place
 * and before, with the record key under which the batch sent something on.
 */
export function findCutSenders(
  index: SpanIndex,
  receiver: SpanRecord,
  senders: readonly SpanRecord[],
  used: ReadonlySet<unknown>,
): readonly FoundSender[] {
  if (receiver.droppedLinkCount === 0) return []
  const passedOn = keysBelow(index, receiver)
  const open = senders.filter(
    (sender) =>
      !used.has(sender) &&
      sender.messaging?.destination === receiver.messaging?.destination &&
      sender.startUs <= receiver.startUs &&
      passedOn.has(sender.messaging?.messageKey ?? null),
  )
  const counts = Map.groupBy(open, ({ messaging }) => messaging?.messageKey)
  return open
    .filter(({ messaging }) => counts.get(messaging?.messageKey)?.length === 1)
    .map((span) => ({ span, item: null, evidence: 'key' }))
}

function keysBelow(index: SpanIndex, receiver: SpanRecord): ReadonlySet<string | null> {
  const keys = new Set<string | null>()
  const below = [...(index.childrenOf.get(keyOf(receiver)) ?? [])]
  for (let at = 0; at < below.length && at < MAX_BELOW; at += 1) {
    const span = below[at]
    if (span === undefined) break
    if (isSender(span)) keys.add(span.messaging?.messageKey ?? null)
    else if (span.messaging === null) below.push(...(index.childrenOf.get(keyOf(span)) ?? []))
  }
  keys.delete(null)
  return keys
}
