import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { countExport } from '#db/store/dead-letter-export-store.ts'
import { DEAD_LETTER_STATES } from '#domain/dead-letter/dead-letter.ts'
import { Failure } from '#domain/failure.ts'

/** More than this is not one file any more. */
const MAX_EXPORTED = 100_000

const name = z.string().min(1).max(300).nullable().default(null)

const input = z.object({
  state: z.enum(DEAD_LETTER_STATES).default('open'),
  fingerprint: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .nullable()
    .default(null),
  clusterId: name,
  destination: name,
})

/**
 * Puts on record that dead letters leave with their payloads, unmasked, and freezes how far the export reaches.
 *
 * @throws Failure `not-found` when there are none, `limit` when there are too many for one file
 */
export const exportDeadLetters = defineCommand({
  name: 'dead-letter.export',
  permission: 'payload:export',
  input,
  run: async ({ database }, selection) => {
    const { count, lastId } = await countExport(database, selection, MAX_EXPORTED + 1)
    if (count === 0) throw new Failure('not-found', 'no dead letter matches the selection')
    if (count > MAX_EXPORTED) throw new Failure('limit', `more than ${MAX_EXPORTED} dead letters match the selection`)
    return { result: { selection, count, lastId }, target: `dead-letters:${selection.state}`, details: { count } }
  },
})
