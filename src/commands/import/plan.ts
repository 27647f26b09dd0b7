import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { insertPlanned, requireCluster } from '#commands/dead-letter/insert-planned.ts'
import { findCompleteFile, keepImportFile } from '#db/store/import-store.ts'
import { Failure } from '#domain/failure.ts'
import { ARCHIVE_KEEP_MS } from '#domain/operation/archive-keep.ts'

const input = z.object({
  requestKey: z.uuid(),
  importId: z.uuid(),
  clusterId: z.string().min(1),
  /** One destination for all messages; null = each to the origin that its line names. */
  target: z.string().trim().min(1).max(1_000).nullable(),
  ratePerSecond: z.number().min(0.1).max(100_000).default(10),
  canarySize: z.number().int().min(0).max(1_000).default(10),
  reason: z.string().trim().min(3).max(500),
})

/**
 * Asks for an import: creates the operation in `planning`; a collector freezes the manifest and makes the dry run, and
 * then it is like a redrive. The same request key gives the same operation.
 *
 * @throws Failure `not-found` (file, cluster), `conflict` (key used for another wish)
 */
export const planImport = defineCommand({
  name: 'import.plan',
  permission: 'payload:import',
  input,
  run: async ({ database, actor }, { importId, target, ...wish }) => {
    await requireCluster(database, wish.clusterId)
    const file = await findCompleteFile(database, importId)
    if (file === null) throw new Failure('not-found', 'the file has not come in whole, or has expired; upload it again')
    await keepImportFile(database, importId, ARCHIVE_KEEP_MS)
    const { row, isNew } = await insertPlanned(database, actor, {
      ...wish,
      kind: 'import',
      importId,
      source: `${file.name} · ${file.sha256.slice(0, 12)}`,
      target,
      targetKind: target === null ? 'origin' : 'destination',
      selection: { fingerprint: null, ids: null },
    })
    return {
      result: { operationId: row.id, number: row.number, isNew },
      target: `operation:${row.id}`,
      details: { isNew, sha256: file.sha256 },
    }
  },
})
