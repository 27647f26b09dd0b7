import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { hashPassword, makeOneTimePassword } from '#commands/person/password-hash.ts'
import { reasonText } from '#commands/reason.ts'
import { findCredentials, updateDisabledAt, updatePassword } from '#db/store/person-store.ts'
import { deleteSessionsOf } from '#db/store/session-store.ts'
import { Failure } from '#domain/failure.ts'

/**
 * Lets a person in (again) with a new one-time password, told once: after they were deactivated, or forgot theirs. The
 * old password and all sessions are void.
 *
 * @throws Failure `not-found`
 */
export const enablePerson = defineCommand({
  name: 'person.enable',
  permission: 'person:manage',
  input: z.object({ personId: z.uuid(), reason: reasonText }),
  run: async ({ database }, { personId }) => {
    const known = await findCredentials(database, { id: personId })
    if (known === null) throw new Failure('not-found', 'there is no such person')
    const oneTimePassword = makeOneTimePassword()
    await updatePassword(database, personId, await hashPassword(oneTimePassword), new Date())
    await updateDisabledAt(database, personId, null)
    await deleteSessionsOf(database, personId)
    return {
      result: { oneTimePassword },
      target: `person:${personId}`,
      details: { wasDisabled: known.isDisabled },
    }
  },
})
