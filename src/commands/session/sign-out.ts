import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { deleteSession } from '#db/store/session-store.ts'

/** Ends the session that it is asked with; doing it twice is no error. */
export const signOut = defineCommand({
  name: 'session.sign-out',
  permission: 'self:manage',
  input: z.object({ tokenHash: z.custom<Uint8Array>((value) => value instanceof Uint8Array) }),
  auditInput: () => ({}),
  run: async ({ database, actor }, { tokenHash }) => {
    await deleteSession(database, tokenHash)
    return { result: undefined, target: `person:${actor.id}` }
  },
})
