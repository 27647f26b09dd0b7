/**
 * The life of an operation, as data. `planning` freezes the manifest; `canary` sends the first few and waits for their
 * observed outcomes; `partial` is an end like `completed`, but messages were gone at their source when their turn came.
 * `pausing` and `cancelling` are wishes of a person that the engine has not carried out yet.
 */
export const OPERATION_STATES = [
  'planning',
  'planned',
  'queued',
  'canary',
  'running',
  'paused',
  'completed',
  'partial',
  'cancelled',
  'failed',
] as const
export type OperationState = (typeof OPERATION_STATES)[number]

export const TRANSITIONS: Readonly<Record<OperationState, readonly OperationState[]>> = {
  planning: ['planned', 'failed', 'cancelled'],
  planned: ['queued', 'cancelled'],
  queued: ['canary', 'running', 'paused', 'cancelled', 'failed'],
  canary: ['running', 'paused', 'completed', 'cancelled', 'failed'],
  running: ['paused', 'completed', 'partial', 'cancelled', 'failed'],
  paused: ['canary', 'running', 'cancelled', 'failed'],
  completed: [],
  partial: [],
  cancelled: [],
  failed: [],
}

/** States in which an operation holds its source: at most one such operation per source may exist. */
export const ACTIVE_STATES = ['queued', 'canary', 'running', 'paused'] as const satisfies readonly OperationState[]

export const FINAL_STATES = ['completed', 'partial', 'cancelled', 'failed'] as const satisfies readonly OperationState[]

/** What a person last asked for; the engine makes the state follow within two seconds. */
export type OperationIntent = 'run' | 'pause' | 'cancel'

export function canTransition(from: OperationState, to: OperationState): boolean {
  return TRANSITIONS[from].includes(to)
}

/**
 * The ledger states of one item, in the order of the write protocol:
 * claimed (durable, before the send) -> confirmed (broker's proof, fenced) -> removed (gone or marked at the source).
 */
export const ITEM_STATES = ['pending', 'claimed', 'confirmed', 'removed', 'failed', 'skipped', 'quarantined'] as const
export type ItemState = (typeof ITEM_STATES)[number]

/** What became of the copy, learnt from telemetry, commits and returns; `unknown` until something tells. */
export const ITEM_OUTCOMES = ['unknown', 'processed', 'failed-again', 'not-seen'] as const
export type ItemOutcome = (typeof ITEM_OUTCOMES)[number]
