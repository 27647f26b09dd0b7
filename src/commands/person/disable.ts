import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { keepAnAdmin } from '#commands/person/keep-an-admin.ts'
import { reasonText } from '#commands/reason.ts'
import { findCredentials, updateDisabledAt } from '#db/store/person-store.ts'
import { deleteSessionsOf } from '#db/store/session-store.ts'
import { Failure } from '#domain/failure.ts'

/** Signs the person out everywhere and for good. @throws Failure `not-found`, `conflict` for the last admin */
export const disablePerson = defineCommand({
  name: 'person.disable',
  permission: 'person:manage',
  input: z.object({ personId: z.uuid(), reason: reasonText.optional() }),
  run: async ({ database }, { personId }) => {
    await keepAnAdmin(database, personId)
    if ((await findCredentials(database, { id: personId })) === null) {
      throw new Failure('not-found', 'there is no such person')
    }
    await updateDisabledAt(database, personId, new Date())
    await deleteSessionsOf(database, personId)
    return { result: undefined, target: `person:${personId}` }
  },
})
