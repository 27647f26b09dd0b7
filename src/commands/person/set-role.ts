import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { keepAnAdmin } from '#commands/person/keep-an-admin.ts'
import { reasonText } from '#commands/reason.ts'
import { findCredentials, updateRole } from '#db/store/person-store.ts'
import { ROLES } from '#domain/access/role.ts'
import { Failure } from '#domain/failure.ts'

/** Takes effect at the person's next request. @throws Failure `not-found`, `conflict` for the last admin */
export const setPersonRole = defineCommand({
  name: 'person.set-role',
  permission: 'person:manage',
  input: z.object({
    personId: z.uuid(),
    role: z.enum(ROLES),
    reason: reasonText.optional(),
  }),
  run: async ({ database }, { personId, role }) => {
    if (role !== 'admin') await keepAnAdmin(database, personId)
    const known = await findCredentials(database, { id: personId })
    if (known === null) throw new Failure('not-found', 'there is no such person')
    await updateRole(database, personId, role)
    return { result: undefined, target: `person:${personId}`, details: { before: known.role } }
  },
})
