import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { countWaitingFiles, insertImportFile } from '#db/store/import-store.ts'
import { Failure } from '#domain/failure.ts'
import { IMPORT_WAIT_MS } from '#domain/import/import-limits.ts'

/** Each holds up to a hundred megabytes until it is planned or expires. */
const MAX_WAITING = 20

const input = z.object({
  /** As the browser calls the file; only shown. */
  name: z
    .string()
    .max(1_000)
    .transform((name) =>
      name
        .replaceAll(/[\p{C}\\/]/gu, '')
        .trim()
        .slice(-120),
    )
    .pipe(z.string().min(1)),
})

/**
 * Makes room for a file of messages that is about to come in.
 *
 * @throws Failure `limit` while too many files wait for their plan
 */
export const beginImport = defineCommand({
  name: 'import.begin',
  permission: 'payload:import',
  input,
  run: async ({ database, actor }, { name }) => {
    if ((await countWaitingFiles(database)) >= MAX_WAITING) {
      throw new Failure('limit', `${MAX_WAITING} uploaded files wait for their plan already; they expire within a day`)
    }
    const id = randomUUID()
    const file = { id, name, uploadedById: actor.id, uploadedByName: actor.name, keepMs: IMPORT_WAIT_MS }
    await insertImportFile(database, file)
    return { result: { importId: id, name }, target: `import:${id}` }
  },
})
