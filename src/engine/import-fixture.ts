import { randomUUID } from 'node:crypto'
import { planImport } from '#commands/import/plan.ts'
import { startOperation } from '#commands/operation/start.ts'
import type { Database } from '#db/client.ts'
import type { OperationView } from '#db/store/operation-view-store.ts'
import type { Actor } from '#domain/access/role.ts'
import { waitForState } from '#engine/engine-fixture.ts'

/** Who may bring messages in. */
export const IMPORTER: Actor = { kind: 'person', id: 'p3', name: 'Ines', role: 'approver' }

export interface ImportWish {
  readonly clusterId: string
  readonly importId: string
  readonly target: string | null
}

/** Plans as a person would, and waits for the collector's dry run. */
export async function planImportAsPerson(database: Database, wish: ImportWish): Promise<OperationView> {
  const { operationId } = await planImport(
    { database, actor: IMPORTER },
    { ...wish, requestKey: randomUUID(), reason: 'the queue was lost', ratePerSecond: 100_000, canarySize: 0 },
  )
  return waitForState(database, operationId, ['planned', 'failed'])
}

/** Plans, starts, and returns the id. */
export async function importAsPerson(database: Database, wish: ImportWish): Promise<string> {
  const { operation } = await planImportAsPerson(database, wish)
  const start = { operationId: operation.id, manifestHash: operation.manifestHash ?? '' }
  await startOperation({ database, actor: IMPORTER }, start)
  return operation.id
}
