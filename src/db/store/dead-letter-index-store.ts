import { and, eq, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { deadLetter, deadLetterCursor, type StoredHeader } from '#db/schema/dead-letter.ts'
import { lockHeldLease, type Lease } from '#db/store/lease-store.ts'
import { Failure } from '#domain/failure.ts'

/** A dead letter as it was found, ready to be a row. Text is free of NUL. */
export interface FoundDeadLetter {
  /** Printed. */
  readonly position: string
  readonly deadAtMs: number
  readonly expiresAtMs: number | null
  readonly dialect: string
  readonly originDestination: string | null
  readonly originPosition: string | null
  readonly consumerGroup: string | null
  readonly attempts: number | null
  readonly exceptionClass: string | null
  readonly exceptionMessage: string | null
  readonly stack: string | null
  readonly fingerprint: string
  readonly fingerprintTitle: string
  readonly correlationId: string | null
  readonly traceId: string | null
  readonly spanId: string | null
  readonly messageKey: Uint8Array | null
  readonly headers: readonly StoredHeader[]
  readonly payload: Uint8Array | null
  readonly payloadBytes: number
  readonly isPayloadCut: boolean
  readonly redriveCount: number
  readonly returnOfOperationId: string | null
  readonly returnOfItem: number | null
}

export interface DeadLetterPage {
  readonly clusterId: string
  readonly destination: string
  readonly letters: readonly FoundDeadLetter[]
  readonly checkpoint: string
}

/** Opaque place of the adapter from which to go on; null before the first page. */
export async function readDeadLetterCheckpoint(
  database: Database,
  clusterId: string,
  destination: string,
): Promise<string | null> {
  const rows = await database
    .select({ checkpoint: deadLetterCursor.checkpoint })
    .from(deadLetterCursor)
    .where(and(eq(deadLetterCursor.clusterId, clusterId), eq(deadLetterCursor.destination, destination)))
  return rows[0]?.checkpoint ?? null
}

/**
 * Writes a page and moves the cursor in one transaction, so that a crash neither skips nor doubles a dead letter; what is
 * there already stays as it is. Refused when the lease has gone to another collector.
 *
 * @returns how many were new
 * @throws Failure `conflict` when the lease does not hold any more
 */
export async function saveDeadLetterPage(database: Database, lease: Lease, page: DeadLetterPage): Promise<number> {
  return database.transaction(async (transaction) => {
    if (!(await lockHeldLease(transaction, lease))) {
      throw new Failure('conflict', `the lease ${lease.name} has gone to another collector`, { retryable: true })
    }
    const added = page.letters.length === 0 ? 0 : await insertDeadLetters(transaction, page)
    await transaction
      .insert(deadLetterCursor)
      .values({
        clusterId: page.clusterId,
        destination: page.destination,
        checkpoint: page.checkpoint,
        indexedCount: added,
      })
      .onConflictDoUpdate({
        target: [deadLetterCursor.clusterId, deadLetterCursor.destination],
        set: {
          checkpoint: page.checkpoint,
          indexedCount: sql`${deadLetterCursor.indexedCount} + ${added}`,
          updatedAt: sql`clock_timestamp()`,
        },
      })
    return added
  })
}

async function insertDeadLetters(transaction: Database, page: DeadLetterPage): Promise<number> {
  const column = <Value>(read: (letter: FoundDeadLetter) => Value) => sql.param(page.letters.map(read))
  const asBuffer = (bytes: Uint8Array | null) =>
    bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { rowCount } = await transaction.execute(sql`
    insert into dead_letter (
      cluster_id, destination, position, dead_at, expires_at, dialect, origin_destination, origin_position,
      consumer_group, attempts, exception_class, exception_message, stack, fingerprint, fingerprint_title,
      correlation_id, trace_id, span_id, message_key, headers, payload, payload_bytes, is_payload_cut, redrive_count,
      return_of_operation_id, return_of_item
    )
    select ${page.clusterId}, ${page.destination}, position, to_timestamp(dead_ms / 1000.0),
      to_timestamp(expires_ms / 1000.0), dialect, origin_destination, origin_position, consumer_group, attempts,
      exception_class, exception_message, stack, fingerprint, fingerprint_title, correlation_id, trace_id, span_id,
      message_key, headers, payload, payload_bytes, is_payload_cut, redrive_count, return_operation, return_item
    from unnest(
      ${column((letter) => letter.position)}::text[], ${column((letter) => letter.deadAtMs)}::float8[],
      ${column((letter) => letter.expiresAtMs)}::float8[], ${column((letter) => letter.dialect)}::text[],
      ${column((letter) => letter.originDestination)}::text[], ${column((letter) => letter.originPosition)}::text[],
      ${column((letter) => letter.consumerGroup)}::text[], ${column((letter) => letter.attempts)}::int[],
      ${column((letter) => letter.exceptionClass)}::text[], ${column((letter) => letter.exceptionMessage)}::text[],
      ${column((letter) => letter.stack)}::text[], ${column((letter) => letter.fingerprint)}::text[],
      ${column((letter) => letter.fingerprintTitle)}::text[], ${column((letter) => letter.correlationId)}::text[],
      ${column((letter) => letter.traceId)}::text[], ${column((letter) => letter.spanId)}::text[],
      ${column((letter) => asBuffer(letter.messageKey))}::bytea[],
      ${column((letter) => JSON.stringify(letter.headers))}::jsonb[],
      ${column((letter) => asBuffer(letter.payload))}::bytea[], ${column((letter) => letter.payloadBytes)}::int[],
      ${column((letter) => letter.isPayloadCut)}::boolean[], ${column((letter) => letter.redriveCount)}::int[],
      ${column((letter) => letter.returnOfOperationId)}::uuid[], ${column((letter) => letter.returnOfItem)}::int[]
    ) as found (
      position, dead_ms, expires_ms, dialect, origin_destination, origin_position, consumer_group, attempts,
      exception_class, exception_message, stack, fingerprint, fingerprint_title, correlation_id, trace_id, span_id,
      message_key, headers, payload, payload_bytes, is_payload_cut, redrive_count, return_operation, return_item
    )
    on conflict (cluster_id, destination, position) do nothing`)
  return rowCount ?? 0
}

/** Open dead letters whose place has let go of them by now. @returns how many; at most `limit` in one go. */
export async function expireDeadLetters(database: Database, clusterId: string, limit: number): Promise<number> {
  const due = database
    .select({ id: deadLetter.id })
    .from(deadLetter)
    .where(
      and(
        eq(deadLetter.clusterId, clusterId),
        eq(deadLetter.state, 'open'),
        sql`${deadLetter.expiresAt} < clock_timestamp()`,
      ),
    )
    .limit(limit)
  const { rowCount } = await database
    .update(deadLetter)
    .set({ state: 'expired', stateAt: sql`clock_timestamp()` })
    .where(sql`${deadLetter.id} in ${due} and ${deadLetter.state} = 'open'`)
  return rowCount ?? 0
}
