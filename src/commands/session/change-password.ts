import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { hashPassword, verifyPassword } from '#commands/person/password-hash.ts'
import { openSession } from '#commands/session/open-session.ts'
import { findCredentials, updatePassword } from '#db/store/person-store.ts'
import { deleteSessionsOf } from '#db/store/session-store.ts'
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '#domain/access/session-limits.ts'
import { Failure } from '#domain/failure.ts'

const input = z.object({
  currentPassword: z.string().min(1).max(MAX_PASSWORD_LENGTH),
  newPassword: z.string().min(MIN_PASSWORD_LENGTH).max(MAX_PASSWORD_LENGTH),
  nowMs: z.number(),
})

/**
 * Replaces the actor's own password, ends every session of theirs and opens a new one, whose token it gives.
 *
 * @throws Failure `invalid` when the current password is wrong or the new one is the same
 */
export const changePassword = defineCommand({
  name: 'session.change-password',
  permission: 'self:manage',
  input,
  auditInput: () => ({}),
  run: async ({ database, actor }, { currentPassword, newPassword, nowMs }) => {
    const known = await findCredentials(database, { id: actor.id })
    if (known === null || !(await verifyPassword(known.passwordHash, currentPassword))) {
      throw new Failure('invalid', 'the current password is wrong')
    }
    if (currentPassword === newPassword) throw new Failure('invalid', 'choose a password that is not the current one')
    await updatePassword(database, known.id, await hashPassword(newPassword), null)
    await deleteSessionsOf(database, known.id)
    return { result: { token: await openSession(database, known.id, nowMs) }, target: `person:${known.id}` }
  },
})
