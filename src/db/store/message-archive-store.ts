import { sql } from 'drizzle-orm'
import { asBuffer } from '#db/as-buffer.ts'
import type { Database } from '#db/client.ts'
import type { StoredHeader } from '#db/schema/dead-letter.ts'
import { namedItems, type LedgerFence } from '#db/store/operation-ledger-store.ts'
import { readStoredHeader, storeHeader } from '#db/stored-header.ts'
import type { BrokerMessage } from '#domain/message.ts'
import { parsePosition } from '#domain/position.ts'

/** A claimed item with the whole message that is to be kept. */
export interface ArchivedCopy {
  readonly ordinal: number
  readonly deadLetterId: number
  readonly message: BrokerMessage
}

export interface ArchiveTerms {
  /** A log, which keeps the message too; else the archive soon holds the only one. */
  readonly isLogPlace: boolean
  readonly keepMs: number
}

/** Keeps whole messages, under the fencing token; one that is there already is kept longer. */
export async function archiveMessages(
  database: Database,
  fence: LedgerFence,
  copies: readonly ArchivedCopy[],
  how: ArchiveTerms,
): Promise<void> {
  const column = <Value>(read: (copy: ArchivedCopy) => Value) => sql.param(copies.map(read))
  const ordinals = copies.map((copy) => copy.ordinal)
  await database.execute(sql`
    with fence as (
      select id from operation where id = ${fence.operationId} and fencing_token = ${fence.token} for share
    )
      insert into message_archive (dead_letter_id, operation_id, ordinal, message_key, headers, payload, timestamp_ms,
        is_only_copy, archived_at, expires_at)
      select kept.dead_letter_id, fence.id, kept.ordinal, kept.message_key, kept.headers, kept.payload, kept.timestamp_ms,
        ${!how.isLogPlace}, clock_timestamp(), clock_timestamp() + ${how.keepMs}::float8 * interval '1 millisecond'
      from fence, unnest(${column((copy) => copy.deadLetterId)}::bigint[], ${sql.param(ordinals)}::int[],
        ${column(({ message }) => asBuffer(message.key))}::bytea[],
        ${column(({ message }) => JSON.stringify(message.headers.map(storeHeader)))}::jsonb[],
        ${column(({ message }) => asBuffer(message.payload))}::bytea[],
        ${column(({ message }) => message.timestampMs)}::float8[]
      ) as kept(dead_letter_id, ordinal, message_key, headers, payload, timestamp_ms)
      on conflict (dead_letter_id) do update set operation_id = excluded.operation_id, ordinal = excluded.ordinal,
        archived_at = excluded.archived_at, expires_at = excluded.expires_at`)
}

/**
 * Settles items whose messages are archived: confirmed (at a log place removed too, as nothing is left to do there), the
 * dead letter discarded.
 *
 * @returns how many items were settled; fewer than given means that the holder has changed
 */
export async function confirmDiscarded(
  database: Database,
  fence: LedgerFence,
  ordinals: readonly number[],
  how: { readonly isLogPlace: boolean; readonly claimedAt: Date },
): Promise<number> {
  const { isLogPlace } = how
  const { rows } = await database.execute<{ count: number }>(sql`
    with fence as (
      select id from operation where id = ${fence.operationId} and fencing_token = ${fence.token} for share
    ), confirmed as (
      update operation_item item
      set state = ${isLogPlace ? 'removed' : 'confirmed'}, confirmed_at = clock_timestamp(),
        removed_at = case when ${isLogPlace}::boolean then clock_timestamp() end,
        send_count = send_count + 1, claimed_at = ${how.claimedAt.toISOString()}::timestamptz
      from fence
      where ${namedItems(fence, ordinals)} and item.state in ('pending', 'claimed')
      returning item.dead_letter_id
    ), letters as (
      select coalesce(array_agg(dead_letter_id), '{}') as ids from confirmed
    ), discarded as (
      update dead_letter
      set state = 'discarded', state_at = clock_timestamp(), state_operation_id = ${fence.operationId}
      where id = any((select ids from letters)::bigint[]) and state = 'open'
    )
    select count(*)::int as count from confirmed`)
  return rows[0]?.count ?? 0
}

interface ArchiveRow extends Record<string, unknown> {
  readonly destination: string
  readonly position: string
  readonly messageKey: Buffer | null
  readonly headers: StoredHeader[]
  readonly payload: Buffer | null
  readonly timestampMs: number | null
}

/** Whole messages from the archive, of those dead letters that it holds. */
export async function readArchivedMessages(
  database: Database,
  deadLetterIds: readonly number[],
): Promise<readonly BrokerMessage[]> {
  const { rows } = await database.execute<ArchiveRow>(sql`
    select dl.destination, dl.position, kept.message_key as "messageKey", kept.headers, kept.payload,
      kept.timestamp_ms::float8 as "timestampMs"
    from message_archive kept join dead_letter dl on dl.id = kept.dead_letter_id
    where kept.dead_letter_id = any(${sql.param([...deadLetterIds])}::bigint[]) and kept.expires_at > clock_timestamp()`)
  return rows.flatMap((row) => {
    const position = parsePosition(row.position)
    if (position === null) return []
    return [
      {
        destination: row.destination,
        position,
        key: row.messageKey,
        headers: row.headers.map(readStoredHeader),
        payload: row.payload,
        timestampMs: row.timestampMs,
        timestampKind: 'unknown' as const,
        attempts: null,
        brokerFailure: null,
      },
    ]
  })
}

/** What is to be restored: everything that an operation discarded, or single dead letters. */
export type RestoreSelection = { readonly operationId: string } | { readonly ids: readonly number[] }

/**
 * Opens discarded dead letters again, as long as the archive holds them. Where it holds the only copy, they expire with
 * it from now on; where they lie in a log too, with the later of both. Returns the places that they lie in, with counts.
 */
export async function restoreDeadLetters(
  database: Database,
  selection: RestoreSelection,
): Promise<readonly { readonly clusterId: string; readonly destination: string; readonly count: number }[]> {
  const isWanted =
    'operationId' in selection
      ? sql`kept.operation_id = ${selection.operationId}`
      : sql`kept.dead_letter_id = any(${sql.param([...selection.ids])}::bigint[])`
  const { rows } = await database.execute<{ clusterId: string; destination: string; count: number }>(sql`
    with restored as (
      update dead_letter dl
      set state = 'open', state_at = clock_timestamp(), state_operation_id = null,
        expires_at = case when kept.is_only_copy then kept.expires_at
          when dl.expires_at is not null then greatest(dl.expires_at, kept.expires_at) end
      from message_archive kept
      where kept.dead_letter_id = dl.id and ${isWanted} and dl.state = 'discarded'
        and kept.expires_at > clock_timestamp()
      returning dl.cluster_id, dl.destination
    )
    select cluster_id as "clusterId", destination, count(*)::int as count from restored group by 1, 2`)
  return rows
}

/** What the archive knows of one dead letter; null when it holds nothing of it any more. */
export interface ArchiveEntry {
  /** null for a message that the dead letter only pointed to: it was fetched from where it came from. */
  readonly operationId: string | null
  readonly archivedAtMs: number
  readonly expiresAtMs: number
  /** Its source has let go of it. */
  readonly isOnlyCopy: boolean
}

export async function findArchiveEntry(database: Database, deadLetterId: string): Promise<ArchiveEntry | null> {
  const { rows } = await database.execute<{ [Key in keyof ArchiveEntry]: ArchiveEntry[Key] }>(sql`
    select operation_id as "operationId", (extract(epoch from archived_at) * 1000)::float8 as "archivedAtMs",
      (extract(epoch from expires_at) * 1000)::float8 as "expiresAtMs", is_only_copy as "isOnlyCopy"
    from message_archive
    where dead_letter_id = ${Number(deadLetterId)} and expires_at > clock_timestamp()`)
  return rows[0] ?? null
}

/** How many dead letters of a discard can still be restored, at most `limit` counted. */
export async function countRestorable(database: Database, operationId: string, limit: number): Promise<number> {
  const { rows } = await database.execute<{ count: number }>(sql`
    select count(*)::int as count from (
      select 1 from message_archive kept join dead_letter dl on dl.id = kept.dead_letter_id
      where kept.operation_id = ${operationId} and dl.state = 'discarded' and kept.expires_at > clock_timestamp()
      limit ${limit}) counted`)
  return rows[0]?.count ?? 0
}
