import type { FlowOperationItem, Hop, JoinEvidence } from '#domain/flow/flow.ts'
import { messageIdentity, type JoinedHop } from '#domain/flow/join-hops.ts'
import type { EdgeConfidence, MessageEdge, MessageGraph, MessageNode } from '#domain/flow/message-graph.ts'
import type { PlacedDeadLetter } from '#domain/flow/place-dead-letters.ts'
import { operationRowId, placeOf, spanRowId, waitRowId } from '#domain/flow/row-shapes.ts'
import { findAncestor, hasFailed, keyOf, type SpanIndex } from '#domain/flow/span-index.ts'
import type { SpanRecord } from '#domain/trace/span.ts'

/** More than this is no picture any more. */
const MOST_MESSAGES = 120
const MOST_LETTERS = 50

/** The messages of a flow with those who sent and took them, the earliest first. Edges are per message, never per trace. */
export function buildMessageGraph(
  index: SpanIndex,
  hops: readonly JoinedHop[],
  placed: readonly PlacedDeadLetter[],
): MessageGraph {
  const messages = groupByMessage(hops)
  const drawing = new Drawing(index, hops)
  const deadSenders = new Set(placed.flatMap(({ sender }) => sender ?? []))
  let drawnCount = 0
  for (const deliveries of messages) {
    const [first] = deliveries
    // A send into a dead-letter place is drawn as what lies there.
    if (first === undefined || (first.sender !== null && deadSenders.has(first.sender))) continue
    if (drawnCount === MOST_MESSAGES) break
    drawing.message(deliveries, first)
    drawnCount += 1
  }
  for (const one of placed.slice(0, MOST_LETTERS)) drawing.deadLetter(one)
  return {
    nodes: [...drawing.nodes.values()].toSorted((a, b) => a.atUs - b.atUs),
    edges: [...drawing.edges.values()],
    messageCount: messages.length,
    omittedMessageCount: Math.max(0, messages.length - deadSenders.size - drawnCount),
  }
}

/** Deliveries of one message, whoever took it; by the time of the first. */
function groupByMessage(hops: readonly JoinedHop[]): readonly (readonly JoinedHop[])[] {
  const groups = new Map<string, JoinedHop[]>()
  for (const joined of hops) {
    const { sender, item } = joined
    const id = sender !== null ? keyOf(sender) : item !== null ? keyOf(item) : messageIdentity(joined)
    const known = groups.get(id)
    if (known === undefined) groups.set(id, [joined])
    else known.push(joined)
  }
  const timeOf = (deliveries: readonly JoinedHop[]): number =>
    deliveries[0]?.hop.sentUs ?? deliveries[0]?.hop.receivedUs ?? 0
  return [...groups.values()].toSorted((a, b) => timeOf(a) - timeOf(b))
}

class Drawing {
  readonly nodes = new Map<string, MessageNode>()
  readonly edges = new Map<string, MessageEdge>()
  readonly #index: SpanIndex
  readonly #hopOf = new Map<SpanRecord, JoinedHop>()

  constructor(index: SpanIndex, hops: readonly JoinedHop[]) {
    this.#index = index
    for (const joined of hops) if (joined.receiver !== null) this.#hopOf.set(joined.receiver, joined)
  }

  message(deliveries: readonly JoinedHop[], first: JoinedHop): void {
    const { hop, sender, item } = first
    const last = deliveries.at(-1) ?? first
    const id = `message:${hop.id}`
    this.#node({
      id,
      kind: 'message',
      name: hop.destination,
      detail: placeOf(hop),
      outcome: last.hop.outcome,
      rowId: first.receiver === null || sender !== null || item !== null ? waitRowId('queue', hop.id) : null,
      atUs: hop.sentUs ?? hop.receivedUs ?? 0,
    })
    if (item !== null) this.#edge(this.#operation(item), id, 'redrives', NO_JOIN)
    else if (sender !== null) {
      const oneOf = deliveries.find((one) => one.hop.oneOf !== null)?.hop.oneOf ?? null
      this.#edge(this.#workOf(sender), id, 'sends', { ...NO_JOIN, oneOf })
    }
    for (const { hop: delivery, receiver } of deliveries) {
      if (receiver !== null) this.#edge(id, this.#workOf(receiver), 'takes', delivery, delivery.id)
    }
  }

  deadLetter({ letter, sender, failedHop, items }: PlacedDeadLetter): void {
    const id = `dead:${letter.id}`
    this.#node({
      id,
      kind: 'dead-letter',
      name: letter.destination,
      detail: letter.position,
      outcome: letter.state === 'open' ? 'dead-lettered' : null,
      rowId: `parked:${letter.id}`,
      atUs: letter.deadUs,
    })
    const giver = sender ?? failedHop?.receiver ?? null
    if (giver !== null) this.#edge(this.#workOf(giver), id, 'dies', NO_JOIN)
    for (const item of items) this.#edge(id, this.#operation(item), 'redrives', NO_JOIN)
  }

  #operation(item: FlowOperationItem): string {
    const id = operationRowId(item)
    this.#node({
      id,
      kind: 'operation',
      name: `${item.kind} op-${item.operationNumber}`,
      detail: `by ${item.actorName}`,
      outcome: null,
      rowId: id,
      atUs: item.sentUs,
    })
    return id
  }

  /** The work that a span is part of: from the message that started it, else from where its trace begins. */
  #workOf(span: SpanRecord): string {
    let top = span
    if (!this.#hopOf.has(span)) {
      findAncestor(this.#index, span, (ancestor) => {
        top = ancestor
        return this.#hopOf.has(ancestor)
      })
    }
    const id = `work:${keyOf(top)}`
    const joined = this.#hopOf.get(top)
    this.#node({
      id,
      kind: 'work',
      name: top.service,
      detail: top.name,
      outcome: joined?.hop.outcome ?? (hasFailed(top) ? 'failed' : null),
      rowId: spanRowId(top),
      atUs: top.startUs,
    })
    return id
  }

  #node(node: MessageNode): void {
    if (!this.nodes.has(node.id)) this.nodes.set(node.id, node)
  }

  #edge(
    fromId: string,
    toId: string,
    kind: MessageEdge['kind'],
    { joinedBy, oneOf, dwellUs, attempt, attribution }: EdgeFacts,
    name = '',
  ): void {
    const id = `${fromId}>${toId}>${name}`
    const confidence = confidenceOf(joinedBy, oneOf)
    const group = attribution?.group ?? null
    this.edges.set(id, { id, fromId, toId, kind, confidence, joinedBy, oneOf, dwellUs, attempt, group })
  }
}

type EdgeFacts = Pick<Hop, 'oneOf' | 'dwellUs' | 'attempt' | 'attribution'> & { readonly joinedBy: JoinEvidence | null }

/** What one span says by itself needs no join. */
const NO_JOIN: EdgeFacts = { joinedBy: null, oneOf: null, dwellUs: null, attempt: null, attribution: null }

const CERTAIN: ReadonlySet<JoinEvidence> = new Set(['link', 'parent', 'position', 'operation-item'])

/** How sure a join is (tracing conventions, section 2.3): ids that clients choose may repeat. */
export function confidenceOf(joinedBy: JoinEvidence | null, oneOf: number | null): EdgeConfidence {
  if (oneOf !== null && oneOf > 1) return 'one-of'
  return joinedBy === null || CERTAIN.has(joinedBy) ? 'certain' : 'likely'
}
