import { and, desc, eq, lt, type SQL } from 'drizzle-orm'
import { z } from 'zod'
import type { Database } from '#db/client.ts'
import { epochMs } from '#db/epoch-ms.ts'
import { cutPage, decodeCursor } from '#db/page-cursor.ts'
import { auditEntry } from '#db/schema/access.ts'

export interface AuditQuery {
  /** `operation:<id>`, `person:<id>` ...; null = everything. */
  readonly target: string | null
  readonly limit: number
  readonly cursor: string | null
}

export interface AuditRow {
  readonly id: number
  readonly atMs: number
  readonly actorKind: 'person' | 'system'
  readonly actorId: string
  readonly actorName: string
  readonly verb: string
  readonly target: string
  readonly outcome: 'allowed' | 'denied' | 'failed'
  readonly details: Record<string, unknown>
}

export interface AuditPage {
  readonly entries: readonly AuditRow[]
  readonly nextCursor: string | null
}

/** Newest first. */
export async function listAuditEntries(database: Database, query: AuditQuery): Promise<AuditPage> {
  const conditions: SQL[] = []
  if (query.target !== null) conditions.push(eq(auditEntry.target, query.target))
  if (query.cursor !== null) {
    const [id] = decodeCursor(z.tuple([z.number().int()]), query.cursor)
    conditions.push(lt(auditEntry.id, id))
  }
  const rows = await database
    .select({
      id: auditEntry.id,
      atMs: epochMs(auditEntry.at),
      actorKind: auditEntry.actorKind,
      actorId: auditEntry.actorId,
      actorName: auditEntry.actorName,
      verb: auditEntry.verb,
      target: auditEntry.target,
      outcome: auditEntry.outcome,
      details: auditEntry.details,
    })
    .from(auditEntry)
    .where(and(...conditions))
    .orderBy(desc(auditEntry.id))
    .limit(query.limit + 1)
  const page = cutPage(rows, query.limit, (row) => [row.id])
  return { entries: page.rows, nextCursor: page.nextCursor }
}
