import { z } from 'zod'
import { admitAttempt } from '#commands/session/admit-attempt.ts'
import { changePassword } from '#commands/session/change-password.ts'
import { signIn } from '#commands/session/sign-in.ts'
import { signOut } from '#commands/session/sign-out.ts'
import { deleteLoginAttempts } from '#db/store/login-attempt-store.ts'
import { PERMISSIONS, isAllowed, type Permission, type Role } from '#domain/access/role.ts'
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '#domain/access/session-limits.ts'
import { procedure, publicProcedure, router } from '#server/procedure.ts'
import { commandContext } from '#server/request-context.ts'

/** Who is signed in, as the browser needs to know. */
export interface CurrentPerson {
  readonly id: string
  readonly login: string
  readonly name: string
  readonly role: Role
  readonly permissions: readonly Permission[]
  readonly mustChangePassword: boolean
}

const password = z.string().min(1).max(MAX_PASSWORD_LENGTH)

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
  /** Sets the cookie. After it, a person with `mustChangePassword` can do nothing but change it. */
  signIn: publicProcedure
    .input(z.object({ login: z.string().min(1).max(200), password }))
    .mutation(async ({ ctx, input }) => {
      const { database, nowMs } = ctx.runtime
      const { token, mustChangePassword } = await signIn(
        { database, nowMs: nowMs() },
        { ...input, address: ctx.address, previousTokenHash: ctx.sessionHash },
      )
      ctx.setSessionToken(token)
      return { mustChangePassword }
    }),

  signOut: procedure(signOut.permission, { isOpenBeforePasswordChange: true }).mutation(async ({ ctx }) => {
    if (ctx.sessionHash !== null) await signOut(commandContext(ctx), { tokenHash: ctx.sessionHash })
    ctx.setSessionToken(null)
  }),

  /** Ends every other session of the person and replaces this one's cookie. */
  changePassword: procedure(changePassword.permission, { isOpenBeforePasswordChange: true })
    .input(
      z.object({
        currentPassword: password,
        newPassword: z.string().min(MIN_PASSWORD_LENGTH).max(MAX_PASSWORD_LENGTH),
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const { database, nowMs } = ctx.runtime
      const attempt = { database, nowMs: nowMs() }
      const noted = await admitAttempt(attempt, ctx.caller.login, ctx.address)
      const { token } = await changePassword(commandContext(ctx), { ...input, nowMs: attempt.nowMs })
      await deleteLoginAttempts(database, noted)
      ctx.setSessionToken(token)
    }),
})
