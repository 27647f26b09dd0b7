import type { CriticalStep } from '#domain/flow/flow.ts'
import { messageIdentity, type JoinedHop } from '#domain/flow/join-hops.ts'
import type { PlacedDeadLetter } from '#domain/flow/place-dead-letters.ts'
import { operationRowId, spanRowId, waitRowId } from '#domain/flow/row-shapes.ts'
import { RETRY_DESTINATION } from '#domain/flow/settle-outcomes.ts'
import { endUsOf, findAncestor, type SpanIndex } from '#domain/flow/span-index.ts'
import type { SpanRecord } from '#domain/trace/span.ts'

const MAX_STEPS = 200

export interface CriticalPath {
  /** Names of services, destinations and redrives, first to last; the same name twice in a row stands once. */
  readonly names: readonly string[]
  /** First to last. Steps do not overlap; where clocks disagree a step has no length. */
  readonly steps: readonly CriticalStep[]
}

/**
 * The chain that made the flow last as long as it did, through queues: walked back from what ended last over the
 * message that started each piece of work, to where nothing is known to come before.
 */
export function findCriticalPath(
  index: SpanIndex,
  hops: readonly JoinedHop[],
  placed: readonly PlacedDeadLetter[],
  endedUs: number,
): CriticalPath {
  const walk = new Walk(index, hops, endedUs)
  const lettersById = new Map(placed.map((one) => [one.letter.id, one]))
  let current = startOf(index, placed, walk)
  for (let step = 0; current !== null && step < MAX_STEPS; step += 1) {
    const joined = walk.work(current)
    if (joined === null) break
    walk.deliveries(joined)
    current = joined.sender
    if (joined.item === null) continue
    walk.add('idle', `redrive op-${joined.item.operationNumber}`, [operationRowId(joined.item)], joined.item.sentUs)
    const letter = joined.item.deadLetterId === null ? undefined : lettersById.get(joined.item.deadLetterId)
    if (letter !== undefined) walk.park(letter)
    current = letter?.sender ?? letter?.failedHop?.receiver ?? null
  }
  return walk.finish()
}

/** Collects the steps, last to first. */
class Walk {
  readonly #index: SpanIndex
  readonly #firstHopOf = new Map<SpanRecord, JoinedHop>()
  readonly #attempts = new Map<string, JoinedHop[]>()
  readonly #names: string[] = []
  readonly #steps: CriticalStep[] = []
  /** Where the steps found so far begin. */
  #atUs: number

  constructor(index: SpanIndex, hops: readonly JoinedHop[], endedUs: number) {
    this.#index = index
    this.#atUs = endedUs
    for (const joined of hops) {
      if (joined.receiver === null || (joined.sender === null && joined.item === null)) continue
      if (!this.#firstHopOf.has(joined.receiver)) this.#firstHopOf.set(joined.receiver, joined)
      const identity = messageIdentity(joined)
      const known = this.#attempts.get(identity)
      if (known === undefined) this.#attempts.set(identity, [joined])
      else known.push(joined)
    }
  }

  /** From the given moment to where the path begins so far. */
  add(kind: CriticalStep['kind'], name: string, rowIds: readonly string[], fromUs: number): void {
    this.#names.push(name)
    this.#step(kind, name, rowIds, fromUs)
  }

  park({ letter }: PlacedDeadLetter): void {
    this.add('parked', letter.destination, [`parked:${letter.id}`], letter.deadUs)
  }

  /** The work that led to a span, back to the message that started it; null when no message did. */
  work(current: SpanRecord): JoinedHop | null {
    const receiver = this.#firstHopOf.has(current)
      ? current
      : findAncestor(this.#index, current, (ancestor) => this.#firstHopOf.has(ancestor))
    const joined = receiver === null ? undefined : this.#firstHopOf.get(receiver)
    const rowIds = [spanRowId(current)]
    let root = current
    if (receiver !== current)
      findAncestor(this.#index, current, (ancestor) => {
        rowIds.push(spanRowId(ancestor))
        root = ancestor
        return ancestor === receiver
      })
    const first = receiver ?? root
    if (joined === undefined) this.#names.push(current.service)
    this.#names.push(first.service)
    this.#step('processing', first.service, rowIds, first.startUs)
    return joined ?? null
  }

  /** The wait before a delivery; before a further attempt that is a back-off, and the earlier attempts before it. */
  deliveries(joined: JoinedHop): void {
    const { destination } = joined.hop
    this.#names.push(destination)
    const attempts = (this.#attempts.get(messageIdentity(joined)) ?? []).toSorted(
      (a, b) => (a.hop.receivedUs ?? 0) - (b.hop.receivedUs ?? 0),
    )
    let at = attempts.indexOf(joined)
    for (let before = attempts[at - 1]; before !== undefined; before = attempts[at - 1]) {
      const again = attempts[at]?.hop.id ?? joined.hop.id
      if (before.receiver !== null) {
        this.#step('back-off', destination, [waitRowId('back-off', again)], endUsOf(before.receiver))
        this.#step('processing', before.receiver.service, [spanRowId(before.receiver)], before.receiver.startUs)
      }
      at -= 1
    }
    const { hop } = attempts[0] ?? joined
    const kind = RETRY_DESTINATION.test(hop.destination) ? 'back-off' : 'queue'
    this.#step(kind, destination, [waitRowId(kind, hop.id)], hop.sentUs ?? hop.receivedUs ?? this.#atUs)
  }

  finish(): CriticalPath {
    return {
      names: this.#names.toReversed().filter((name, at, all) => name !== all[at - 1]),
      steps: this.#steps.toReversed(),
    }
  }

  #step(kind: CriticalStep['kind'], name: string, rowIds: readonly string[], fromUs: number): void {
    const startUs = Math.min(fromUs, this.#atUs)
    this.#steps.push({ kind, name, rowIds, startUs, durationUs: this.#atUs - startUs })
    this.#atUs = startUs
  }
}

/** What ended last: an open dead letter when nothing happened after it, else the span with the latest end. */
function startOf(index: SpanIndex, placed: readonly PlacedDeadLetter[], walk: Walk): SpanRecord | null {
  let last: SpanRecord | null = null
  for (const span of index.spans) if (last === null || endUsOf(span) > endUsOf(last)) last = span
  const open = placed.findLast(({ items }) => items.length === 0)
  if (open === undefined || (last !== null && last.startUs > open.letter.deadUs)) return last
  walk.park(open)
  return open.sender ?? open.failedHop?.receiver ?? last
}
