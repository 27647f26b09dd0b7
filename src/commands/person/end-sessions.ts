import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { reasonText } from '#commands/reason.ts'
import { findCredentials } from '#db/store/person-store.ts'
import { deleteSessionsOf } from '#db/store/session-store.ts'
import { Failure } from '#domain/failure.ts'

/** Signs the person out everywhere; they may sign in again. @throws Failure `not-found` */
export const endSessions = defineCommand({
  name: 'person.end-sessions',
  permission: 'person:manage',
  input: z.object({ personId: z.uuid(), reason: reasonText }),
  run: async ({ database }, { personId }) => {
    if ((await findCredentials(database, { id: personId })) === null) {
      throw new Failure('not-found', 'there is no such person')
    }
    const endedCount = await deleteSessionsOf(database, personId)
    return { result: { endedCount }, target: `person:${personId}`, details: { endedCount } }
  },
})
