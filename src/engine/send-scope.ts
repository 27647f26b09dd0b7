import type { Broker } from '#brokers/broker.ts'
import type { LedgerFence } from '#db/store/operation-ledger-store.ts'
import type { OperationRow } from '#db/store/operation-store.ts'
import { Failure } from '#domain/failure.ts'
import type { SendTry } from '#domain/operation/breaker.ts'
import type { EngineContext } from '#engine/engine-context.ts'
import type { Pacer } from '#engine/pacer.ts'

/** One holder sending for one operation: what every step of the write protocol needs. */
export interface SendScope {
  readonly context: EngineContext
  readonly operation: OperationRow
  readonly fence: LedgerFence
  readonly broker: Broker
  readonly pacer: Pacer
  /** The lease is lost: everything ends now, also what is being sent. */
  readonly lost: AbortSignal
  /** Nothing more is begun; what has been claimed is seen through. */
  readonly stop: AbortSignal
  /** The stop has lasted a while: what is still being waited for is given up, its answer unknown. */
  readonly hurry: AbortSignal
  /** Stops: a person wants something else now. */
  readonly halt: () => void
  /** Stops, and pauses the operation with this reason. The first reason wins. */
  readonly trip: (reason: string) => void
  /** Keys with a refused message: later messages of theirs are held back. */
  readonly heldKeys: Set<string>
  /** The latest answers of the destination, oldest first. */
  readonly latestAnswers: ('confirmed' | 'refused')[]
  /** The latest calls of the destination, oldest first, on the monotonic clock. */
  readonly tries: SendTry[]
}

/** What a holder throws when another one has taken over. */
export const takenOver = (fence: LedgerFence): Failure =>
  new Failure('conflict', `operation ${fence.operationId} has gone to a holder with a token above ${fence.token}`, {
    retryable: false,
    details: { isTakenOver: true },
  })

export const isTakenOver = (error: unknown): boolean =>
  error instanceof Failure && error.details['isTakenOver'] === true
