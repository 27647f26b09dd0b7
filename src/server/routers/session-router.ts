import { z } from 'zod'
import { PERMISSIONS, isAllowed, type Permission, type Role } from '#domain/access/role.ts'
import { Failure } from '#domain/failure.ts'
import { procedure, publicProcedure, router } from '#server/procedure.ts'

/** Who is signed in, as the browser needs to know. */
export interface CurrentPerson {
  readonly id: string
  readonly login: string
  readonly name: string
  readonly role: Role
  readonly permissions: readonly Permission[]
  readonly mustChangePassword: boolean
}

const absent = (): never => {
  throw new Failure('unsupported', 'sessions are not connected yet')
}

export const sessionRouter = router({
  /** null when nobody is signed in. */
  current: publicProcedure.query(({ ctx }): CurrentPerson | null => {
    const { caller } = ctx
    if (caller === null) return null
    return {
      id: caller.actor.id,
      login: caller.login,
      name: caller.actor.name,
      role: caller.role,
      permissions: PERMISSIONS.filter((permission) => isAllowed(caller.role, permission)),
      mustChangePassword: caller.mustChangePassword,
    }
  }),
  signIn: publicProcedure
    .input(z.object({ login: z.string().min(1).max(200), password: z.string().min(1).max(1_000) }))
    .mutation((): { mustChangePassword: boolean } => absent()),
  signOut: procedure('self:manage', { isOpenBeforePasswordChange: true }).mutation((): void => absent()),
  changePassword: procedure('self:manage', { isOpenBeforePasswordChange: true })
    .input(z.object({ currentPassword: z.string().min(1).max(1_000), newPassword: z.string().min(12).max(1_000) }))
    .mutation((): void => absent()),
})
