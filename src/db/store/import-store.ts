import { and, desc, eq, isNotNull, isNull, ne, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { epochMs } from '#db/epoch-ms.ts'
import { importFile, importMessage } from '#db/schema/import-file.ts'
import { operation } from '#db/schema/operation.ts'
import { readStoredHeader, storeHeader } from '#db/stored-header.ts'
import type { ImportedMessage } from '#domain/import/read-message-line.ts'
import type { BrokerMessage } from '#domain/message.ts'
import type { OperationState } from '#domain/operation/operation-state.ts'

export interface NewImportFile {
  readonly id: string
  readonly name: string
  readonly uploadedById: string
  readonly uploadedByName: string
  /** How long it waits for its plan. */
  readonly keepMs: number
}

const afterMs = (keepMs: number) => sql`now() + ${keepMs}::float8 * interval '1 millisecond'`

export async function insertImportFile(database: Database, { keepMs, ...file }: NewImportFile): Promise<void> {
  await database.insert(importFile).values({ ...file, expiresAt: afterMs(keepMs) })
}

/** How many files have come in, or are coming in, and wait for a plan. */
export async function countWaitingFiles(database: Database): Promise<number> {
  const { rows } = await database.execute<{ count: number }>(sql`
    select count(*)::int as count from import_file file
    where expires_at > now() and not exists (select 1 from operation where import_id = file.id)`)
  return rows[0]?.count ?? 0
}

export interface NumberedMessage {
  /** Counts messages from 1. */
  readonly ordinal: number
  /** Counts lines from 1. */
  readonly line: number
  readonly message: ImportedMessage
}

/** Stores messages of a file that is coming in; until it is complete they are nobody's. */
export async function appendImportMessages(
  database: Database,
  importId: string,
  messages: readonly NumberedMessage[],
): Promise<void> {
  if (messages.length === 0) return
  await database.insert(importMessage).values(
    messages.map(({ ordinal, line, message }) => ({
      importId,
      ordinal,
      line,
      messageKey: message.key,
      headers: message.headers.map(storeHeader),
      payload: message.payload,
      payloadBytes: message.payload?.byteLength ?? 0,
      originDestination: message.originDestination,
      correlationId: message.correlationId,
    })),
  )
}

/** The file has come in whole; false when it is not there any more, or was complete before. */
export async function completeImportFile(
  database: Database,
  id: string,
  found: { readonly sha256: string; readonly byteCount: number; readonly messageCount: number },
): Promise<boolean> {
  const updated = await database
    .update(importFile)
    .set({ ...found, completedAt: sql`now()` })
    .where(and(eq(importFile.id, id), isNull(importFile.completedAt)))
    .returning({ id: importFile.id })
  return updated.length === 1
}

/** Forgets a file that did not come in whole, with its messages. */
export async function dropImportFile(database: Database, id: string): Promise<void> {
  await database.delete(importFile).where(and(eq(importFile.id, id), isNull(importFile.completedAt)))
}

export interface CompleteFile {
  readonly id: string
  readonly name: string
  readonly sha256: string
  readonly byteCount: number
  readonly messageCount: number
}

/** null when there is no such file, it has not come in whole, or its messages are gone. */
export async function findCompleteFile(database: Database, id: string): Promise<CompleteFile | null> {
  const { name, sha256, byteCount, messageCount } = importFile
  const [row] = await database
    .select({ id: importFile.id, name, sha256, byteCount, messageCount })
    .from(importFile)
    .where(and(eq(importFile.id, id), isNotNull(importFile.completedAt), sql`${importFile.expiresAt} > now()`))
  return row ?? null
}

/** Keeps the messages of a file for an operation. */
export async function keepImportFile(database: Database, id: string, keepMs: number): Promise<void> {
  await database
    .update(importFile)
    .set({ expiresAt: afterMs(keepMs) })
    .where(eq(importFile.id, id))
}

export interface EarlierImport {
  readonly operationId: string
  readonly number: number
  readonly clusterId: string
  readonly target: string | null
  readonly state: OperationState
  readonly createdByName: string
  readonly createdAtMs: number
}

/** Operations with a file of the very same bytes, newest first, at most ten; those that sent nothing are left out. */
export async function listEarlierImports(
  database: Database,
  sha256: string,
  exceptOperationId: string | null,
): Promise<readonly EarlierImport[]> {
  return database
    .select({
      operationId: operation.id,
      number: operation.number,
      clusterId: operation.clusterId,
      target: operation.target,
      state: operation.state,
      createdByName: operation.createdByName,
      createdAtMs: epochMs(operation.createdAt),
    })
    .from(operation)
    .innerJoin(importFile, eq(importFile.id, operation.importId))
    .where(
      and(
        eq(importFile.sha256, sha256),
        isNotNull(operation.startedAt),
        exceptOperationId === null ? undefined : ne(operation.id, exceptOperationId),
      ),
    )
    .orderBy(desc(operation.number))
    .limit(10)
}

/** Messages of a file by their ordinals, as if they had been read from a broker; the position is the line. */
export async function readImportedMessages(
  database: Database,
  importId: string,
  ordinals: readonly number[],
): Promise<readonly BrokerMessage[]> {
  const rows = await database
    .select()
    .from(importMessage)
    .where(
      and(
        eq(importMessage.importId, importId),
        sql`${importMessage.ordinal} = any(${sql.param([...ordinals])}::int[])`,
      ),
    )
  return rows.map((row) => ({
    destination: '',
    position: { lane: '', sequence: String(row.line) },
    key: row.messageKey,
    headers: row.headers.map(readStoredHeader),
    payload: row.payload,
    timestampMs: null,
    timestampKind: 'unknown',
    attempts: null,
    brokerFailure: null,
  }))
}
