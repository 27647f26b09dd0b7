import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { completeImportFile, listEarlierImports } from '#db/store/import-store.ts'
import { Failure } from '#domain/failure.ts'
import { MAX_IMPORT_BYTES, MAX_IMPORT_MESSAGES } from '#domain/import/import-limits.ts'

const input = z.object({
  importId: z.uuid(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  byteCount: z.number().int().min(1).max(MAX_IMPORT_BYTES),
  messageCount: z.number().int().min(1).max(MAX_IMPORT_MESSAGES),
})

/**
 * A file has come in whole: from now on it can be planned. Says whether the very same bytes were imported before.
 *
 * @throws Failure `conflict` when it is complete already, or was given up
 */
export const completeImport = defineCommand({
  name: 'import.complete',
  permission: 'payload:import',
  input,
  run: async ({ database }, { importId, ...found }) => {
    if (!(await completeImportFile(database, importId, found))) {
      throw new Failure('conflict', 'the file is not coming in any more')
    }
    const earlier = await listEarlierImports(database, found.sha256, null)
    return { result: { importId, ...found, earlier }, target: `import:${importId}`, details: { ...found } }
  },
})
