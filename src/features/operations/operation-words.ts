import type { OperationKind } from '#domain/operation/operation-kind.ts'
import type { TargetKind } from '#domain/operation/target-kind.ts'
import type { ItemOutcome, ItemState, OperationIntent, OperationState } from '#domain/operation/operation-state.ts'
import type { Tone } from '#ui/tone.ts'

interface Words {
  readonly word: string
  readonly tone: Tone
}

const STATES: Readonly<Record<OperationState, Words>> = {
  planning: { word: 'Planning', tone: 'active' },
  planned: { word: 'Planned', tone: 'unknown' },
  queued: { word: 'Queued', tone: 'active' },
  canary: { word: 'Canary', tone: 'active' },
  running: { word: 'Running', tone: 'active' },
  paused: { word: 'Paused', tone: 'paused' },
  completed: { word: 'Completed', tone: 'ok' },
  partial: { word: 'Ended with gaps', tone: 'warn' },
  cancelled: { word: 'Cancelled', tone: 'unknown' },
  failed: { word: 'Failed', tone: 'bad' },
}

/** The state in a word; a wish that the engine has not carried out yet is said as such. */
export function operationWords(state: OperationState, intent: OperationIntent, kind: OperationKind): Words {
  const isMoving = state === 'queued' || state === 'canary' || state === 'running'
  if (intent === 'cancel' && (isMoving || state === 'paused')) return { word: 'Cancelling…', tone: 'unknown' }
  if (intent === 'pause' && isMoving) return { word: 'Pausing…', tone: 'paused' }
  if (intent === 'run' && state === 'paused') return { word: 'Resuming…', tone: 'active' }
  return state === 'running' ? { ...STATES.running, word: RUNNING[kind] } : STATES[state]
}

const RUNNING: Readonly<Record<OperationKind, string>> = {
  redrive: 'Redriving',
  discard: 'Discarding',
  import: 'Importing',
}

/** `redrive orders.DLT → origins`, `discard orders.DLT`, `import orders.jsonl → orders` */
export function describeWork(work: {
  readonly kind: OperationKind
  readonly source: string
  readonly target: string | null
  readonly targetKind: TargetKind
}): string {
  return work.kind === 'discard'
    ? `discard ${work.source}`
    : `${work.kind} ${work.source} → ${work.target ?? TARGETS[work.targetKind]}`
}

const TARGETS: Readonly<Record<TargetKind, string>> = {
  origin: 'origins',
  retry: 'retry destinations',
  destination: 'one destination',
}

const OUTCOMES: Readonly<Record<ItemOutcome, Words>> = {
  processed: { word: 'Processed', tone: 'ok' },
  'failed-again': { word: 'Failed again', tone: 'bad' },
  'not-seen': { word: 'Not seen', tone: 'warn' },
  unknown: { word: 'Not known yet', tone: 'unknown' },
}

export const outcomeWords = (outcome: ItemOutcome): Words => OUTCOMES[outcome]

const ITEMS: Readonly<Record<ItemState, Words>> = {
  pending: { word: 'Waiting', tone: 'unknown' },
  claimed: { word: 'Being sent', tone: 'active' },
  confirmed: { word: 'Confirmed by the broker', tone: 'active' },
  removed: { word: 'Sent and settled', tone: 'active' },
  failed: { word: 'Not sent', tone: 'bad' },
  skipped: { word: 'Skipped', tone: 'unknown' },
  quarantined: { word: 'Quarantined', tone: 'warn' },
}

const DISCARDED: Partial<Readonly<Record<ItemState, Words>>> = {
  claimed: { word: 'Being kept', tone: 'active' },
  confirmed: { word: 'Kept, not yet removed', tone: 'active' },
  removed: { word: 'Discarded', tone: 'ok' },
  failed: { word: 'Not discarded', tone: 'bad' },
}

export const itemWords = (state: ItemState, kind: OperationKind): Words =>
  (kind === 'discard' ? DISCARDED[state] : undefined) ?? ITEMS[state]

/** `op-412` */
export const operationName = (number: number): string => `op-${number}`
