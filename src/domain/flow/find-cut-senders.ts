import type { FoundSender } from '#domain/flow/resolve-senders.ts'
import { isSender, type SpanIndex, walkBelow } from '#domain/flow/span-index.ts'
import type { SpanRecord } from '#domain/trace/span.ts'

/** Spans below a batch that are looked at. */
const MAX_BELOW = 10_000
/** Senders with one record key that are looked at: a key on more messages than this does not name any of them. */
const MAX_OF_KEY = 1_000

export type SendersByKey = ReadonlyMap<string, readonly SpanRecord[]>

/** Senders by the record key of their message; those without one are left out. */
export function groupByMessageKey(senders: readonly SpanRecord[]): SendersByKey {
  const groups = new Map<string, SpanRecord[]>()
  for (const sender of senders) {
    const key = sender.messaging?.messageKey ?? null
    if (key === null) continue
    const known = groups.get(key)
    if (known === undefined) groups.set(key, [sender])
    else if (known.length < MAX_OF_KEY) known.push(sender)
  }
  return groups
}

/**
 * Senders of the messages of a batch whose links were cut by the SDK: those that nobody else took, to the same place
 * and before, with the record key under which the batch sent something on.
 */
export function findCutSenders(
  index: SpanIndex,
  receiver: SpanRecord,
  senders: SendersByKey,
  used: ReadonlySet<unknown>,
): readonly FoundSender[] {
  if (receiver.droppedLinkCount === 0) return []
  const isOpen = (sender: SpanRecord): boolean =>
    !used.has(sender) &&
    sender.messaging?.destination === receiver.messaging?.destination &&
    sender.startUs <= receiver.startUs
  return [...keysBelow(index, receiver)]
    .flatMap((key) => {
      const open = (senders.get(key) ?? []).filter(isOpen)
      return open.length === 1 ? open : []
    })
    .toSorted((a, b) => a.startUs - b.startUs)
    .map((span) => ({ span, item: null, evidence: 'key' }))
}

function keysBelow(index: SpanIndex, receiver: SpanRecord): ReadonlySet<string> {
  const keys = new Set<string>()
  for (const span of walkBelow(index, receiver, MAX_BELOW, ({ messaging }) => messaging === null)) {
    const key = span.messaging?.messageKey ?? null
    if (isSender(span) && key !== null) keys.add(key)
  }
  return keys
}
