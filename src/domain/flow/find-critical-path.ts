import type { JoinedHop } from '#domain/flow/join-hops.ts'
import type { PlacedDeadLetter } from '#domain/flow/place-dead-letters.ts'
import { endUsOf, findAncestor, type SpanIndex } from '#domain/flow/span-index.ts'
import type { SpanRecord } from '#domain/trace/span.ts'

const MAX_STEPS = 200

/**
 * The chain that made the flow last as long as it did, through queues: walked back from what ended last over the
 * message that started each piece of work, to where nothing is known to come before. Names of services, destinations
 * and redrives, first to last.
 */
export function findCriticalPath(
  index: SpanIndex,
  hops: readonly JoinedHop[],
  placed: readonly PlacedDeadLetter[],
): readonly string[] {
  const firstHopOf = new Map<SpanRecord, JoinedHop>()
  for (const joined of hops) {
    if (joined.receiver === null || (joined.sender === null && joined.item === null)) continue
    if (!firstHopOf.has(joined.receiver)) firstHopOf.set(joined.receiver, joined)
  }
  const lettersById = new Map(placed.map((one) => [one.letter.id, one]))
  const names: string[] = []
  let current = startOf(index, placed, names)
  for (let step = 0; current !== null && step < MAX_STEPS; step += 1) {
    const receiver: SpanRecord | null = firstHopOf.has(current)
      ? current
      : findAncestor(index, current, (ancestor) => firstHopOf.has(ancestor))
    const joined: JoinedHop | undefined = receiver === null ? undefined : firstHopOf.get(receiver)
    if (joined === undefined) {
      const root: SpanRecord = findRoot(index, current)
      names.push(current.service, root.service)
      break
    }
    names.push(receiver?.service ?? current.service, joined.hop.destination)
    current = joined.sender
    if (joined.item === null) continue
    names.push(`redrive op-${joined.item.operationNumber}`)
    const letter = joined.item.deadLetterId === null ? undefined : lettersById.get(joined.item.deadLetterId)
    if (letter !== undefined) names.push(letter.letter.destination)
    current = letter?.sender ?? letter?.failedHop?.receiver ?? null
  }
  return names.toReversed().filter((name, at, all) => name !== all[at - 1])
}

/** What ended last: an open dead letter when nothing happened after it, else the span with the latest end. */
function startOf(index: SpanIndex, placed: readonly PlacedDeadLetter[], names: string[]): SpanRecord | null {
  let last: SpanRecord | null = null
  for (const span of index.spans) if (last === null || endUsOf(span) > endUsOf(last)) last = span
  const open = placed.findLast(({ items }) => items.length === 0)
  if (open === undefined || (last !== null && last.startUs > open.letter.deadUs)) return last
  names.push(open.letter.destination)
  return open.sender ?? open.failedHop?.receiver ?? last
}

function findRoot(index: SpanIndex, span: SpanRecord): SpanRecord {
  let root = span
  findAncestor(index, span, (ancestor) => {
    root = ancestor
    return false
  })
  return root
}
