import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { matchesSelection } from '#db/store/dead-letter-selection.ts'
import type { LedgerFence } from '#db/store/operation-ledger-store.ts'
import type { OperationRow } from '#db/store/operation-store.ts'
import type { PlanProgress } from '#domain/operation/plan-progress.ts'
import type { SelectionChange } from '#domain/operation/selection-change.ts'

/** Arrivals are counted up to here; beyond it there are "more than". */
const MAX_ARRIVALS = 100_000

/** Tells how far the dry run is. False when it is not this holder's any more, or was cancelled. */
export async function tellPlanProgress(
  database: Database,
  fence: LedgerFence,
  progress: PlanProgress | null,
): Promise<boolean> {
  const { rowCount } = await database.execute(sql`
    update operation set plan_progress = ${progress === null ? null : JSON.stringify(progress)}::jsonb
    where id = ${fence.operationId} and fencing_token = ${fence.token} and state = 'planning'`)
  return rowCount === 1
}

/** Inside a transaction: whether this holder may still plan, and keeps others from taking over until it ends. */
export async function lockPlanning(transaction: Database, fence: LedgerFence): Promise<boolean> {
  const { rowCount } = await transaction.execute(sql`
    select 1 from operation
    where id = ${fence.operationId} and fencing_token = ${fence.token} and state = 'planning' for no key update`)
  return rowCount === 1
}

/** Drops what is there of a manifest that was never planned to its end. */
export async function dropManifest(database: Database, fence: LedgerFence): Promise<void> {
  await database.execute(sql`
    delete from operation_item item using operation op
    where item.operation_id = ${fence.operationId} and op.id = item.operation_id and op.fencing_token = ${fence.token}
      and op.manifest_hash is null`)
}

/**
 * What has become of the selection since it was collected: who was handled meanwhile is left out with the reason, who
 * arrived meanwhile is counted and stays out.
 */
export async function settleSelectionChange(transaction: Database, row: OperationRow): Promise<SelectionChange> {
  const { rowCount } = await transaction.execute(sql`
    update operation_item item set state = 'skipped', reason = 'its dead letter was ' || dl.state || ' while this was planned'
    from dead_letter dl
    where item.operation_id = ${row.id} and item.state = 'pending' and dl.id = item.dead_letter_id
      and dl.state <> 'open'`)
  const { rows } = await transaction.execute<{ count: number }>(sql`
    select count(*)::int as count from (
      select 1 from dead_letter dl
      where ${matchesSelection(row)}
        and not exists (select 1 from operation_item item where item.operation_id = ${row.id} and item.dead_letter_id = dl.id)
      limit ${MAX_ARRIVALS}) arrived`)
  return { handledCount: rowCount ?? 0, arrivedCount: rows[0]?.count ?? 0 }
}
