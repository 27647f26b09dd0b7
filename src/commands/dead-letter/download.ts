import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { readExportedLetter } from '#db/store/dead-letter-export-store.ts'
import { Failure } from '#domain/failure.ts'

const input = z.object({ id: z.string().regex(/^[1-9]\d{0,15}$/) })

/**
 * Puts on record that one dead letter leaves, unmasked, and gives it out.
 *
 * @throws Failure `not-found` when there is no such dead letter
 */
export const downloadDeadLetter = defineCommand({
  name: 'dead-letter.download',
  permission: 'payload:export',
  input,
  run: async ({ database }, { id }) => {
    const letter = await readExportedLetter(database, id)
    if (letter === null) throw new Failure('not-found', `no dead letter ${id}`)
    return { result: letter, target: `dead-letter:${id}`, details: { bytes: letter.payloadBytes } }
  },
})
