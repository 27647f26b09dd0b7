import { performance } from 'node:perf_hooks'
import type { Broker } from '#brokers/broker.ts'
import type { Database } from '#db/client.ts'
import { tellPlanProgress } from '#db/store/plan-draft-store.ts'
import type { LedgerFence } from '#db/store/operation-ledger-store.ts'
import type { OperationRow } from '#db/store/operation-store.ts'
import { Failure } from '#domain/failure.ts'
import type { PlanProgress } from '#domain/operation/plan-progress.ts'
import type { EngineContext } from '#engine/engine-context.ts'

/** A dry run under way: the manifest is collected, and looked at outside of any transaction. */
export interface PlanDraft {
  readonly context: EngineContext
  readonly database: Database
  readonly row: OperationRow
  readonly fence: LedgerFence
  readonly broker: Broker
  readonly itemCount: number
  /**
   * Shows how far it is; to be called between any two pieces of work.
   *
   * @throws Failure `conflict` when it was cancelled meanwhile, or another holder plans
   */
  readonly tell: (progress: PlanProgress) => Promise<void>
}

/** More often than this nobody looks. */
const TELL_EVERY_MS = 300

/** Tells at once when the step changes, else now and then. */
export function createProgressTeller(database: Database, fence: LedgerFence): PlanDraft['tell'] {
  let [step, toldAtMs] = ['', 0]
  return async (progress) => {
    if (progress.step === step && performance.now() - toldAtMs < TELL_EVERY_MS) return
    step = progress.step
    toldAtMs = performance.now()
    if (await tellPlanProgress(database, fence, progress)) return
    throw new Failure('conflict', 'the operation is not being planned any more', { retryable: false })
  }
}
