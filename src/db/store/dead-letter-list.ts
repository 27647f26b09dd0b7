import { and, desc, eq, inArray, or, sql, type SQL } from 'drizzle-orm'
import { z } from 'zod'
import type { Database } from '#db/client.ts'
import { epochMs } from '#db/epoch-ms.ts'
import { cutPage, decodeCursor } from '#db/page-cursor.ts'
import { deadLetter, type StoredHeader } from '#db/schema/dead-letter.ts'
import type { DeadLetterState } from '#domain/dead-letter/dead-letter.ts'

export interface DeadLetterQuery {
  readonly fingerprint: string | null
  readonly clusterId: string | null
  readonly destination: string | null
  readonly state: DeadLetterState
  /** A correlation id, trace id or position, exact. */
  readonly search: string | null
  readonly limit: number
  readonly cursor: string | null
}

export interface DeadLetterRow {
  readonly id: string
  readonly clusterId: string
  readonly destination: string
  readonly position: string
  readonly deadAtMs: number
  readonly indexedAtMs: number
  /** null = kept without limit or unknown. */
  readonly expiresAtMs: number | null
  readonly dialect: string
  readonly originDestination: string | null
  readonly originPosition: string | null
  readonly consumerGroup: string | null
  readonly attempts: number | null
  readonly exceptionClass: string | null
  readonly exceptionMessage: string | null
  readonly fingerprint: string
  readonly fingerprintTitle: string
  readonly correlationId: string | null
  readonly traceId: string | null
  readonly payloadBytes: number
  readonly redriveCount: number
  readonly state: DeadLetterState
  readonly stateAtMs: number | null
  readonly stateOperationId: string | null
}

export interface DeadLetterPage {
  readonly deadLetters: readonly DeadLetterRow[]
  readonly nextCursor: string | null
}

/** The row without its bytes; the payload is read by {@link readDeadLetterBytes}. */
export interface DeadLetterRecord extends DeadLetterRow {
  readonly stack: string | null
  readonly spanId: string | null
  readonly headers: readonly StoredHeader[]
  readonly isPayloadCut: boolean
  readonly hasKey: boolean
  readonly returnOfOperationId: string | null
  readonly returnOfItem: number | null
}

export interface DeadLetterBytes {
  readonly key: Uint8Array | null
  /** null is a tombstone. */
  readonly payload: Uint8Array | null
  readonly payloadBytes: number
  readonly isPayloadCut: boolean
}

const columns = {
  id: sql<string>`${deadLetter.id}::text`,
  clusterId: deadLetter.clusterId,
  destination: deadLetter.destination,
  position: deadLetter.position,
  deadAtMs: epochMs(deadLetter.deadAt),
  indexedAtMs: epochMs(deadLetter.indexedAt),
  expiresAtMs: sql<number | null>`${epochMs(deadLetter.expiresAt)}`,
  dialect: deadLetter.dialect,
  originDestination: deadLetter.originDestination,
  originPosition: deadLetter.originPosition,
  consumerGroup: deadLetter.consumerGroup,
  attempts: deadLetter.attempts,
  exceptionClass: deadLetter.exceptionClass,
  exceptionMessage: deadLetter.exceptionMessage,
  fingerprint: deadLetter.fingerprint,
  fingerprintTitle: deadLetter.fingerprintTitle,
  correlationId: deadLetter.correlationId,
  traceId: deadLetter.traceId,
  payloadBytes: deadLetter.payloadBytes,
  redriveCount: deadLetter.redriveCount,
  state: deadLetter.state,
  stateAtMs: sql<number | null>`${epochMs(deadLetter.stateAt)}`,
  stateOperationId: deadLetter.stateOperationId,
}

/** Newest death first; keyset pages over (time of death, id). */
export async function listDeadLetters(database: Database, query: DeadLetterQuery): Promise<DeadLetterPage> {
  const conditions: SQL[] = [eq(deadLetter.state, query.state)]
  if (query.fingerprint !== null) conditions.push(eq(deadLetter.fingerprint, query.fingerprint))
  if (query.clusterId !== null) conditions.push(eq(deadLetter.clusterId, query.clusterId))
  if (query.destination !== null) conditions.push(eq(deadLetter.destination, query.destination))
  const sought = query.search === null || query.search === '' ? undefined : matching(query.search)
  if (sought) conditions.push(sought)
  if (query.cursor !== null) {
    // The time travels as text with microseconds: as a number it would skip or repeat rows within a millisecond.
    const [deadAt, id] = decodeCursor(z.tuple([z.string(), z.number().int()]), query.cursor)
    conditions.push(sql`(${deadLetter.deadAt}, ${deadLetter.id}) < (${deadAt}::timestamptz, ${id}::bigint)`)
  }
  const rows = await database
    .select({ ...columns, exactDeadAt: sql<string>`${deadLetter.deadAt}::text` })
    .from(deadLetter)
    .where(and(...conditions))
    .orderBy(desc(deadLetter.deadAt), desc(deadLetter.id))
    .limit(query.limit + 1)
  const page = cutPage(rows, query.limit, (row) => [row.exactDeadAt, Number(row.id)])
  return { deadLetters: page.rows.map(({ exactDeadAt: _exact, ...row }) => row), nextCursor: page.nextCursor }
}

/** These dead letters, in the order of the ids; one that is not there is left out. */
export async function readDeadLetterRows(
  database: Database,
  ids: readonly number[],
): Promise<readonly DeadLetterRow[]> {
  if (ids.length === 0) return []
  const rows = await database
    .select(columns)
    .from(deadLetter)
    .where(inArray(deadLetter.id, [...ids]))
  const byId = new Map(rows.map((row) => [Number(row.id), row]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

function matching(search: string): SQL | undefined {
  return or(
    eq(deadLetter.correlationId, search),
    eq(deadLetter.traceId, search.toLowerCase()),
    eq(deadLetter.position, search),
  )
}

/** null when there is no such dead letter. */
export async function findDeadLetter(database: Database, id: string): Promise<DeadLetterRecord | null> {
  const [row] = await database
    .select({
      ...columns,
      stack: deadLetter.stack,
      spanId: deadLetter.spanId,
      headers: deadLetter.headers,
      isPayloadCut: deadLetter.isPayloadCut,
      hasKey: sql<boolean>`${deadLetter.messageKey} is not null`,
      returnOfOperationId: deadLetter.returnOfOperationId,
      returnOfItem: deadLetter.returnOfItem,
    })
    .from(deadLetter)
    .where(eq(deadLetter.id, Number(id)))
    .limit(1)
  return row ?? null
}

/** Of a message that the dead letter only points to as much is shown as is stored of the others. */
const MAX_SHOWN_BYTES = 65_536

/** null when there is no such dead letter. */
export async function readDeadLetterBytes(database: Database, id: string): Promise<DeadLetterBytes | null> {
  const { rows } = await database.execute<{ [Key in keyof DeadLetterBytes]: DeadLetterBytes[Key] }>(sql`
    select case when fetched.id is null then dl.message_key else fetched.message_key end as key,
      case when fetched.id is null then dl.payload else substring(fetched.payload from 1 for ${MAX_SHOWN_BYTES}) end as payload,
      coalesce(length(fetched.payload), dl.payload_bytes) as "payloadBytes",
      coalesce(length(fetched.payload) > ${MAX_SHOWN_BYTES}, dl.is_payload_cut) as "isPayloadCut"
    from dead_letter dl left join lateral (
      select kept.dead_letter_id as id, kept.message_key, kept.payload from message_archive kept
      where kept.dead_letter_id = dl.id and dl.message_key is null and dl.payload is null
        and kept.expires_at > clock_timestamp()
    ) fetched on true
    where dl.id = ${Number(id)}`)
  return rows[0] ?? null
}
