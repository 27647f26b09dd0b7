import type { HopOutcome, JoinEvidence } from '#domain/flow/flow.ts'

/** `work`: a service at work on one message, or where the flow began. `operation`: a redrive or replay of ours. */
export type MessageNodeKind = 'work' | 'message' | 'dead-letter' | 'operation'

export interface MessageNode {
  readonly id: string
  readonly kind: MessageNodeKind
  /** The service, the destination, or the operation. */
  readonly name: string
  /** What it did, or where the message lies. */
  readonly detail: string | null
  /** Of a message: what became of it at last; of work: how it ended. null where that says nothing. */
  readonly outcome: HopOutcome | null
  /** The row of the timeline that tells more; null when it has none. */
  readonly rowId: string | null
  readonly atUs: number
}

export type MessageEdgeKind = 'sends' | 'takes' | 'dies' | 'redrives'

/** How sure an edge is: `one-of` = it may belong to another message of the same batch just as well. */
export type EdgeConfidence = 'certain' | 'likely' | 'one-of'

export interface MessageEdge {
  readonly id: string
  readonly fromId: string
  readonly toId: string
  readonly kind: MessageEdgeKind
  readonly confidence: EdgeConfidence
  /** Of a delivery: what joined its two ends. null for what one span says by itself. */
  readonly joinedBy: JoinEvidence | null
  /** Of how many outputs of a batch this is one. */
  readonly oneOf: number | null
  readonly dwellUs: number | null
  readonly attempt: number | null
  readonly group: string | null
}

/** The flow message by message: who sent it, where it waited, who took it, and how each step is known. */
export interface MessageGraph {
  readonly nodes: readonly MessageNode[]
  readonly edges: readonly MessageEdge[]
  readonly messageCount: number
  /** Messages beyond the first ones are not drawn. */
  readonly omittedMessageCount: number
}
