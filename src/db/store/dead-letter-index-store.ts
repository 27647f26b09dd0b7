import { and, eq, sql, type SQL } from 'drizzle-orm'
import { binaryArray } from '#db/binary-array.ts'
import type { Database } from '#db/client.ts'
import { deadLetterCursor, type StoredHeader } from '#db/schema/dead-letter.ts'
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
  /** What a header names as the version of the service that failed. */
  readonly serviceVersion: string | null
  /** A header has the message's own id, by which its failing span can be looked for. */
  readonly hasMessageId: boolean
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

/** What the triggers see of a page stays in memory with so much; else it goes through a file. */
const PAGE_MEMORY = '48MB'

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
    await transaction.execute(sql`select set_config('work_mem', ${PAGE_MEMORY}, true)`)
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

/** How soon the failing span of a new letter is looked for: telemetry is sent in batches of some seconds. */
const WITNESS_AFTER = sql`interval '3 seconds'`
/** Letters with a reason of their own, per failure group and page, whose failing spans are looked for. */
const WITNESSES_PER_GROUP = 20

async function insertDeadLetters(transaction: Database, page: DeadLetterPage): Promise<number> {
  const column = columnsOf(page.letters)
  const { rows } = await transaction.execute<{ count: number }>(sql`
    with added as (
    insert into dead_letter (
      cluster_id, destination, position, dead_at, expires_at, dialect, origin_destination, origin_position,
      consumer_group, attempts, exception_class, exception_message, stack, fingerprint, fingerprint_title,
      correlation_id, trace_id, span_id, message_key, headers, payload, payload_bytes, is_payload_cut, redrive_count,
      return_of_operation_id, return_of_item
    )
    select ${page.clusterId}, ${page.destination}, position, to_timestamp(dead_ms / 1000.0),
      to_timestamp(expires_ms / 1000.0), dialect, origin_destination, origin_position, consumer_group, attempts,
      exception_class, exception_message, stack, fingerprint, fingerprint_title, correlation_id, trace_id, span_id,
      message_key, headers, payload, payload_bytes, is_payload_cut, redrive_count, return_operation::uuid, return_item
    from ${foundRows(page.letters)}
    on conflict (cluster_id, destination, position) do nothing
    returning id, position, fingerprint, dead_at, exception_class is null and stack is null as lacks_reason,
      trace_id is not null or origin_position is not null as is_placed
    ), judged as (
      select added.*, hint.version, added.is_placed or hint.has_id as is_findable,
        row_number() over (partition by fingerprint order by id) as place
      from added join unnest(
        ${column.texts((letter) => letter.position)}::text[], ${column.texts((letter) => letter.serviceVersion)}::text[],
        ${column.plain((letter) => letter.hasMessageId)}::boolean[]
      ) as hint(position, version, has_id) using (position)
    ), noted as (
      insert into dead_letter_witness (dead_letter_id, fingerprint, dead_at, lacks_reason, due_at, found_by, service_version)
      select id, fingerprint, dead_at, lacks_reason, case when is_findable then clock_timestamp() + ${WITNESS_AFTER} end,
        case when version is not null then 'header' end, version
      from judged
      where (is_findable and lacks_reason)
        or ((is_findable or version is not null) and place <= ${WITNESSES_PER_GROUP})
    )
    select count(*)::int as count from added`)
  return rows[0]?.count ?? 0
}

/** The letters' values of one column as an array parameter; what is long travels in binary form. */
const columnsOf = (letters: readonly FoundDeadLetter[]) => ({
  plain: (read: (letter: FoundDeadLetter) => number | boolean | null) => sql.param(letters.map(read)),
  texts: (read: (letter: FoundDeadLetter) => string | null) => sql.param(binaryArray('text', letters.map(read))),
  bytes: (read: (letter: FoundDeadLetter) => Uint8Array | null) => sql.param(binaryArray('bytea', letters.map(read))),
  headers: () =>
    sql.param(
      binaryArray(
        'jsonb',
        letters.map((letter) => JSON.stringify(letter.headers)),
      ),
    ),
})

/** The letters as rows `found` of a statement. */
function foundRows(letters: readonly FoundDeadLetter[]): SQL {
  const { plain, texts, bytes, headers } = columnsOf(letters)
  return sql`unnest(
      ${texts((letter) => letter.position)}::text[], ${plain((letter) => letter.deadAtMs)}::float8[],
      ${plain((letter) => letter.expiresAtMs)}::float8[], ${texts((letter) => letter.dialect)}::text[],
      ${texts((letter) => letter.originDestination)}::text[], ${texts((letter) => letter.originPosition)}::text[],
      ${texts((letter) => letter.consumerGroup)}::text[], ${plain((letter) => letter.attempts)}::int[],
      ${texts((letter) => letter.exceptionClass)}::text[], ${texts((letter) => letter.exceptionMessage)}::text[],
      ${texts((letter) => letter.stack)}::text[], ${texts((letter) => letter.fingerprint)}::text[],
      ${texts((letter) => letter.fingerprintTitle)}::text[], ${texts((letter) => letter.correlationId)}::text[],
      ${texts((letter) => letter.traceId)}::text[], ${texts((letter) => letter.spanId)}::text[],
      ${bytes((letter) => letter.messageKey)}::bytea[],
      ${headers()}::jsonb[],
      ${bytes((letter) => letter.payload)}::bytea[], ${plain((letter) => letter.payloadBytes)}::int[],
      ${plain((letter) => letter.isPayloadCut)}::boolean[], ${plain((letter) => letter.redriveCount)}::int[],
      ${texts((letter) => letter.returnOfOperationId)}::text[], ${plain((letter) => letter.returnOfItem)}::int[]
    ) as found (
      position, dead_ms, expires_ms, dialect, origin_destination, origin_position, consumer_group, attempts,
      exception_class, exception_message, stack, fingerprint, fingerprint_title, correlation_id, trace_id, span_id,
      message_key, headers, payload, payload_bytes, is_payload_cut, redrive_count, return_operation, return_item
    )`
}
