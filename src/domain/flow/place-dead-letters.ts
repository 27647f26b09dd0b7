import type { FlowDeadLetter, FlowFacts, FlowOperationItem } from '#domain/flow/flow.ts'
import type { JoinedHop } from '#domain/flow/join-hops.ts'
import { endUsOf, isSender, keyOf, type SpanIndex } from '#domain/flow/span-index.ts'
import { parsePosition } from '#domain/position.ts'
import type { SpanRecord } from '#domain/trace/span.ts'

export interface PlacedDeadLetter {
  readonly letter: FlowDeadLetter
  /** The span that sent it to the dead-letter place; null when the broker moved it or the send was not traced. */
  readonly sender: SpanRecord | null
  /** Without a sender: the delivery that failed; null when that is not known either. */
  readonly failedHop: JoinedHop | null
  /** Copies of it that operations sent back, by time. */
  readonly items: readonly FlowOperationItem[]
}

/** Finds where on the flow each dead letter belongs: by the span that it names, by position, else by place and time. */
export function placeDeadLetters(
  facts: FlowFacts,
  index: SpanIndex,
  hops: readonly JoinedHop[],
): readonly PlacedDeadLetter[] {
  const candidates = groupCandidates(facts, index)
  const deliveries = facts.deadLetters.length === 0 ? NO_DELIVERIES : indexDeliveries(hops)
  return facts.deadLetters
    .toSorted((a, b) => a.deadUs - b.deadUs)
    .map((letter) => {
      const sender = findSender(letter, index, candidates.get(letter.destination) ?? NO_CANDIDATES)
      return {
        letter,
        sender,
        failedHop: sender === null ? findFailedHop(letter, deliveries) : null,
        items: facts.operationItems
          .filter((item) => item.deadLetterId === letter.id)
          .toSorted((a, b) => a.sentUs - b.sentUs),
      }
    })
}

/** A span that sent something to a dead-letter place; one dead letter takes it. */
interface Candidate {
  readonly span: SpanRecord
  readonly endUs: number
  isTaken: boolean
}

interface Candidates {
  readonly all: Candidate[]
  /** By partition and offset. */
  readonly byPosition: Map<string, Candidate[]>
  readonly bySpan: Map<SpanRecord, Candidate>
}

const newCandidates = (): Candidates => ({ all: [], byPosition: new Map(), bySpan: new Map() })
const NO_CANDIDATES = newCandidates()

/** Hundreds of dead letters ask for them in flows of a hundred thousand spans. */
function groupCandidates(facts: FlowFacts, index: SpanIndex): ReadonlyMap<string, Candidates> {
  const groups = new Map<string, Candidates>(facts.deadLetters.map(({ destination }) => [destination, newCandidates()]))
  for (const span of index.spans) {
    const group = isSender(span) ? groups.get(span.messaging?.destination ?? '') : undefined
    if (group === undefined) continue
    const candidate: Candidate = { span, endUs: endUsOf(span), isTaken: false }
    group.all.push(candidate)
    group.bySpan.set(span, candidate)
    const position = `${span.messaging?.partition}@${span.messaging?.offset}`
    append(group.byPosition, position, candidate)
  }
  return groups
}

function findSender(
  letter: FlowDeadLetter,
  index: SpanIndex,
  { all, byPosition, bySpan }: Candidates,
): SpanRecord | null {
  const named = namedSpan(letter, index)
  const found =
    (named === null ? undefined : bySpan.get(named)) ?? findAtPosition(letter, byPosition) ?? findNearest(letter, all)
  if (found === undefined) return null
  found.isTaken = true
  return found.span
}

function findAtPosition(letter: FlowDeadLetter, byPosition: Candidates['byPosition']): Candidate | undefined {
  const position = parsePosition(letter.position)
  if (position === null) return undefined
  return byPosition.get(`${position.lane}@${position.sequence}`)?.find(({ isTaken }) => !isTaken)
}

function findNearest({ deadUs }: FlowDeadLetter, all: readonly Candidate[]): Candidate | undefined {
  let nearest: Candidate | undefined
  let leastUs = Number.POSITIVE_INFINITY
  for (const candidate of all) {
    const apartUs = Math.abs(candidate.endUs - deadUs)
    if (candidate.isTaken || apartUs >= leastUs) continue
    nearest = candidate
    leastUs = apartUs
  }
  return nearest
}

interface Deliveries {
  /** By the keys of the spans at both ends. */
  readonly bySpan: ReadonlyMap<string, readonly JoinedHop[]>
  readonly byDestination: ReadonlyMap<string, readonly JoinedHop[]>
}

const NO_DELIVERIES: Deliveries = { bySpan: new Map(), byDestination: new Map() }

function indexDeliveries(hops: readonly JoinedHop[]): Deliveries {
  const bySpan = new Map<string, JoinedHop[]>()
  const byDestination = new Map<string, JoinedHop[]>()
  for (const joined of hops) {
    const { hop, sender, receiver, item } = joined
    if (receiver === null) continue
    append(byDestination, hop.destination, joined)
    for (const end of [sender, receiver, item]) if (end !== null) append(bySpan, keyOf(end), joined)
  }
  return { bySpan, byDestination }
}

function findFailedHop(letter: FlowDeadLetter, { bySpan, byDestination }: Deliveries): JoinedHop | null {
  const key = letter.traceId === null || letter.spanId === null ? null : `${letter.traceId}:${letter.spanId}`
  const ofNamed = key === null ? [] : (bySpan.get(key) ?? [])
  const ofOrigin = letter.originDestination === null ? [] : (byDestination.get(letter.originDestination) ?? [])
  for (const group of [ofNamed, ofOrigin]) {
    const hasFailures = group.some(isFailed)
    const last = group.findLast(
      (joined) => (!hasFailures || isFailed(joined)) && (joined.hop.receivedUs ?? 0) <= letter.deadUs,
    )
    if (last !== undefined) return last
  }
  return null
}

const isFailed = ({ hop }: JoinedHop): boolean => hop.outcome === 'failed'

function append<Item>(groups: Map<string, Item[]>, key: string, item: Item): void {
  const group = groups.get(key)
  if (group === undefined) groups.set(key, [item])
  else group.push(item)
}

function namedSpan(letter: FlowDeadLetter, index: SpanIndex): SpanRecord | null {
  if (letter.traceId === null || letter.spanId === null) return null
  return index.byKey.get(`${letter.traceId}:${letter.spanId}`) ?? null
}
