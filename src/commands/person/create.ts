import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { hashPassword, makeOneTimePassword } from '#commands/person/password-hash.ts'
import { reasonText } from '#commands/reason.ts'
import { insertPerson, normaliseLogin } from '#db/store/person-store.ts'
import { ROLES } from '#domain/access/role.ts'
import { Failure } from '#domain/failure.ts'

const input = z.object({
  login: z.string().trim().min(1).max(200),
  name: z.string().trim().min(1).max(200),
  role: z.enum(ROLES),
  reason: reasonText,
})

/** Adds a person; the one-time password is told once and has to be replaced at first sign-in. @throws Failure `conflict` */
export const createPerson = defineCommand({
  name: 'person.create',
  permission: 'person:manage',
  input,
  run: async ({ database }, wish) => {
    const oneTimePassword = makeOneTimePassword()
    const id = await insertPerson(database, {
      login: normaliseLogin(wish.login),
      name: wish.name,
      role: wish.role,
      passwordHash: await hashPassword(oneTimePassword),
      passwordExpiredAt: new Date(),
    })
    if (id === null) throw new Failure('conflict', `the login ${normaliseLogin(wish.login)} is taken`)
    return { result: { id, oneTimePassword }, target: `person:${id}` }
  },
})
