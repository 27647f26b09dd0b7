import { Failure } from '#domain/failure.ts'
import type { FlowDeadLetter, FlowOperationItem, Hop, SpanRef, TimelineRow } from '#domain/flow/flow.ts'
import { refKey, type ShelvedFlow } from '#server/flow-shelf.ts'

/** Relations of one span beyond this are counted, not listed. */
const MOST_RELATED = 30

/** The other side of a delivery as it is seen from one span. */
export interface RelatedHop {
  readonly hop: Hop
  /** The row of the other side; null when it was not seen, or has no row of its own. */
  readonly otherRowId: string | null
}

export interface FlowRowDetail {
  readonly row: TimelineRow
  readonly index: number
  readonly hop: Hop | null
  readonly received: readonly RelatedHop[]
  readonly sent: readonly RelatedHop[]
  /** Relations that are not listed. */
  readonly omittedCount: number
  readonly deadLetter: FlowDeadLetter | null
  readonly operationItems: readonly FlowOperationItem[]
}

/** Everything that stands behind one row of the timeline. @throws Failure `not-found` */
export function readFlowRow(shelved: ShelvedFlow, rowId: string): FlowRowDetail {
  const index = shelved.rowIndex.get(rowId)
  const row = index === undefined ? undefined : shelved.flow.rows[index]
  if (index === undefined || row === undefined) throw new Failure('not-found', 'the flow has no such row any more')
  const hop = row.hopId === null ? null : (shelved.hopById.get(row.hopId) ?? null)
  const key = row.span === null ? null : refKey(row.span)
  // A wait has both ends of its own delivery beside it.
  const own = hop === null ? [] : [hop]
  const received = key === null ? own : (shelved.hopsByReceiver.get(key) ?? [])
  const sent = key === null ? own : (shelved.hopsBySender.get(key) ?? [])
  return {
    row,
    index,
    hop,
    received: received.slice(0, MOST_RELATED).map((hop) => ({ hop, otherRowId: rowOf(shelved, hop.sender) })),
    sent: sent.slice(0, MOST_RELATED).map((hop) => ({ hop, otherRowId: rowOf(shelved, hop.receiver) })),
    omittedCount: Math.max(0, received.length - MOST_RELATED) + Math.max(0, sent.length - MOST_RELATED),
    deadLetter: shelved.flow.deadLetters.find(({ id }) => id === row.deadLetterId) ?? null,
    operationItems: row.operationId === null ? [] : itemsOf(shelved, row),
  }
}

function rowOf({ rowIndex }: ShelvedFlow, ref: SpanRef | null): string | null {
  if (ref === null) return null
  const id = `span:${refKey(ref)}`
  return rowIndex.has(id) ? id : null
}

function itemsOf({ flow }: ShelvedFlow, row: TimelineRow): readonly FlowOperationItem[] {
  const ofOperation = flow.operationItems.filter(({ operationId }) => operationId === row.operationId)
  const own = ofOperation.filter(({ sentUs }) => sentUs === row.startUs)
  return own.length > 0 ? own : ofOperation
}
