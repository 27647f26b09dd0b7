import type { Actor } from '#domain/access/role.ts'
import type { Database } from '#db/client.ts'
import { auditEntry } from '#db/schema/access.ts'

export interface NewAuditEntry {
  readonly actor: Actor
  readonly verb: string
  readonly target: string
  readonly outcome: 'allowed' | 'denied' | 'failed'
  readonly details: Readonly<Record<string, unknown>>
}

/** Appends one row; inside a transaction it stands or falls with it. */
export async function insertAuditEntry(database: Database, entry: NewAuditEntry): Promise<void> {
  await database.insert(auditEntry).values({
    actorKind: entry.actor.kind,
    actorId: entry.actor.id,
    actorName: entry.actor.name,
    verb: entry.verb,
    target: entry.target,
    outcome: entry.outcome,
    details: { ...entry.details },
  })
}
