import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import type { LedgerFence } from '#db/store/operation-ledger-store.ts'
import type { StoredHeader } from '#db/schema/dead-letter.ts'

/** A message of a manifest as the inbox holds it. */
export interface StoredItem {
  readonly ordinal: number
  readonly deadLetterId: number
  readonly sourcePosition: string
  readonly fingerprint: string
  readonly targetDestination: string
  readonly dialect: string
  readonly headers: readonly StoredHeader[]
  /** Only the beginning when `isPayloadCut`; null is a tombstone. */
  readonly payload: Uint8Array | null
  readonly isPayloadCut: boolean
  /** Of the whole payload. */
  readonly payloadBytes: number
}

/** Items of a redrive that are not left out, by ordinal, one keyset page. */
export async function listStoredItems(
  database: Database,
  operationId: string,
  afterOrdinal: number,
  limit: number,
): Promise<readonly StoredItem[]> {
  const { rows } = await database.execute<{ [Key in keyof StoredItem]: StoredItem[Key] }>(sql`
    select item.ordinal, item.dead_letter_id::float8 as "deadLetterId", item.source_position as "sourcePosition",
      item.target_destination as "targetDestination", dl.fingerprint, dl.dialect, dl.headers, dl.payload, dl.is_payload_cut as "isPayloadCut", dl.payload_bytes as "payloadBytes"
    from operation_item item join dead_letter dl on dl.id = item.dead_letter_id
    where item.operation_id = ${operationId} and item.ordinal > ${afterOrdinal}
      and item.state not in ('skipped', 'quarantined')
    order by item.ordinal limit ${limit}`)
  return rows
}

/** Leaves items of a manifest that is being planned out, each with its reason. */
export async function leaveItemsOut(
  database: Database,
  { operationId, token }: LedgerFence,
  items: readonly { readonly ordinal: number; readonly reason: string }[],
): Promise<void> {
  if (items.length === 0) return
  await database.execute(sql`
    update operation_item item set state = 'skipped', reason = left_out.reason
    from unnest(${sql.param(items.map((one) => one.ordinal))}::int[],
      ${sql.param(items.map((one) => one.reason))}::text[]) as left_out(ordinal, reason)
    where item.operation_id = ${operationId} and item.ordinal = left_out.ordinal
      and item.ordinal = any(${sql.param(items.map((one) => one.ordinal))}::int[]) and item.state = 'pending'
      and exists (select 1 from operation op where op.id = ${operationId} and op.fencing_token = ${token})`)
}
