import { and, eq, lt, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { namedItems, type LedgerFence } from '#db/store/operation-ledger-store.ts'
import { operation } from '#db/schema/operation.ts'
import type { OperationRow } from '#db/store/operation-store.ts'
import type { OperationIntent, OperationState } from '#domain/operation/operation-state.ts'

/**
 * Makes `token` the one that may write, and says of everything that holders before it were sending that it may have been
 * sent. null when a newer one already does.
 */
export async function takeOver(database: Database, fence: LedgerFence): Promise<OperationRow | null> {
  return database.transaction(async (transaction) => {
    const [row] = await transaction
      .update(operation)
      .set({ fencingToken: fence.token })
      .where(and(eq(operation.id, fence.operationId), lt(operation.fencingToken, fence.token)))
      .returning()
    if (row === undefined) return null
    await unfoldClaims(transaction, row.id)
    return row
  })
}

export interface ClaimResult {
  /** null unless this claim was allowed. */
  readonly claimId: number | null
  readonly token: number
  readonly intent: OperationIntent
  readonly state: OperationState
  /** How long the rate is still used up, in ms; a claim is refused above a little tolerance. */
  readonly pacedForMs: number
}

/** Clocks of process and database drift by less than this between two claims. */
const PACE_TOLERANCE_MS = 25

/**
 * The first step of the write protocol: that these items are about to be worked on is durable before anything is sent,
 * as one row for all of them. Allowed only to the newest holder, while a person wants the operation to run, and within
 * the rate, which it uses up in the same statement.
 */
export async function claimItems(
  database: Database,
  fence: LedgerFence,
  ordinals: readonly number[],
  ratePerSecond: number,
): Promise<ClaimResult | null> {
  const usedMs = (ordinals.length / ratePerSecond) * 1_000
  const { rows } = await database.execute<{ [Key in keyof ClaimResult]: ClaimResult[Key] }>(sql`
    with allowed as (
      update operation
      set paced_until = greatest(coalesce(paced_until, clock_timestamp()), clock_timestamp())
        + ${usedMs}::float8 * interval '1 millisecond'
      where id = ${fence.operationId} and fencing_token = ${fence.token} and intent = 'run'
        and state in ('canary', 'running')
        and coalesce(paced_until, clock_timestamp()) <= clock_timestamp() + ${PACE_TOLERANCE_MS} * interval '1 millisecond'
      returning id
    ), claimed as (
      insert into operation_claim (operation_id, fencing_token, ordinals, claimed_at)
      select id, ${fence.token}, ${sql.param([...ordinals])}::int[], clock_timestamp() from allowed
      returning id
    )
    select (select id::float8 from claimed) as "claimId",
      fencing_token::float8 as token, intent, state,
      greatest(0, extract(epoch from paced_until - clock_timestamp()) * 1000)::float8 as "pacedForMs"
    from operation where id = ${fence.operationId}`)
  return rows[0] ?? null
}

/**
 * Inside the transaction that puts the answers on record. When the claim was made; null when the holder has changed.
 *
 * A takeover takes the claims away: it waits for this transaction, or this one finds its claim gone. So the operation's
 * row, which every claim of another lane changes, need not be locked; but where a later statement of the transaction locks
 * it, it is locked here already, or a takeover and this one would wait for each other.
 */
export async function closeClaim(
  transaction: Database,
  fence: LedgerFence,
  claimId: number,
  how: { readonly isLocking: boolean } = { isLocking: true },
): Promise<Date | null> {
  const { rows } = await transaction.execute<{ claimedAt: string }>(sql`
    with fence as (
      select id from operation where id = ${fence.operationId} and fencing_token = ${fence.token}
      ${how.isLocking ? sql`for share` : sql``}
    )
    delete from operation_claim claim using fence
    where claim.id = ${claimId} and claim.operation_id = fence.id and claim.fencing_token = ${fence.token}
    returning claim.claimed_at as "claimedAt"`)
  return rows[0] === undefined ? null : new Date(rows[0].claimedAt)
}

/** Items whose answer is unknown: a copy of each may have arrived. */
export async function keepClaimed(
  transaction: Database,
  fence: LedgerFence,
  ordinals: readonly number[],
  claimedAt: Date,
): Promise<void> {
  if (ordinals.length === 0) return
  await transaction.execute(sql`
    update operation_item item
    set state = 'claimed', send_count = send_count + 1, claimed_at = ${claimedAt.toISOString()}::timestamptz
    where ${namedItems(fence, ordinals)} and item.state in ('pending', 'claimed')`)
}

/** What a holder before this one was sending when it died: from now on `claimed`, each may have been sent. */
async function unfoldClaims(transaction: Database, operationId: string): Promise<void> {
  await transaction.execute(sql`
    with left_over as (
      delete from operation_claim where operation_id = ${operationId} returning ordinals, claimed_at
    ), begun as (
      select unnest(ordinals) as ordinal, claimed_at from left_over
    )
    update operation_item item set state = 'claimed', send_count = send_count + 1, claimed_at = begun.claimed_at
    from begun
    where item.operation_id = ${operationId} and item.ordinal = begun.ordinal and item.state in ('pending', 'claimed')`)
}
