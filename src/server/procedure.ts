import { randomUUID } from 'node:crypto'
import { initTRPC, TRPCError } from '@trpc/server'
import superjson from 'superjson'
import type { Database } from '#db/client.ts'
import { insertAuditEntry } from '#db/store/audit-store.ts'
import { isAllowed, type Actor, type Permission } from '#domain/access/role.ts'
import { Failure, type FailureCode } from '#domain/failure.ts'
import type { Log } from '#log.ts'
import type { RequestContext } from '#server/request-context.ts'

/** What a procedure asks of its caller; the access matrix is read off this. */
export interface AccessMeta {
  readonly permission: Permission | 'public'
  /** Also for a person who still has to replace a one-time password. */
  readonly isOpenBeforePasswordChange: boolean
}

/** What the browser learns of a failure beside the tRPC code. */
export interface FailureData {
  readonly code: FailureCode | 'signed-out' | 'password-expired'
  readonly retryable: boolean
  readonly details: Readonly<Record<string, unknown>>
  /** Names the log line of an unexpected failure. */
  readonly errorId: string | null
}

/** A failure on its way to the browser: bland where it was not expected. */
class ReportedFailure extends Error {
  readonly report: FailureData
  constructor(report: FailureData, message: string) {
    super(message)
    this.report = report
  }
}

const t = initTRPC
  .context<RequestContext>()
  .meta<AccessMeta>()
  .create({
    transformer: superjson,
    isDev: false,
    errorFormatter: ({ shape, error }) => ({
      ...shape,
      data: { ...shape.data, failure: error.cause instanceof ReportedFailure ? error.cause.report : null },
    }),
  })

export const router = t.router
export const createCaller = t.createCallerFactory

const reporting = t.procedure.use(async ({ next, ctx, path }) => {
  const result = await next()
  if (result.ok) return result
  throw reportFailure(result.error, path, ctx.runtime.log)
})

/** For signing in alone; every other procedure names its permission. */
export const publicProcedure = reporting.meta({ permission: 'public', isOpenBeforePasswordChange: true })

/**
 * The only way to make a procedure. The permission is checked before the input is parsed; without a session the answer
 * is UNAUTHORIZED, without the permission FORBIDDEN.
 */
export function procedure(permission: Permission, options: { readonly isOpenBeforePasswordChange?: boolean } = {}) {
  const isOpenBeforePasswordChange = options.isOpenBeforePasswordChange ?? false
  return reporting.meta({ permission, isOpenBeforePasswordChange }).use(async ({ next, ctx, path, type }) => {
    const { caller } = ctx
    if (caller === null) throw refusal('UNAUTHORIZED', 'signed-out', 'sign in first')
    if (caller.mustChangePassword && !isOpenBeforePasswordChange) {
      throw refusal('FORBIDDEN', 'password-expired', 'choose a password first')
    }
    if (!isAllowed(caller.role, permission)) {
      if (type === 'mutation') await auditRefusal(ctx.runtime.database, caller.actor, { path, permission })
      throw new Failure('forbidden', `this needs ${permission}`)
    }
    return next({ ctx: { ...ctx, caller } })
  })
}

/** Commands record who they refuse; who does not get as far as a command is recorded here. */
async function auditRefusal(
  database: Database,
  actor: Actor,
  asked: { readonly path: string; readonly permission: Permission },
): Promise<void> {
  await insertAuditEntry(database, {
    actor,
    verb: asked.path,
    target: 'none',
    outcome: 'denied',
    details: { permission: asked.permission },
  })
}

function refusal(code: 'UNAUTHORIZED' | 'FORBIDDEN', reason: FailureData['code'], message: string): TRPCError {
  return new TRPCError({
    code,
    message,
    cause: new ReportedFailure({ code: reason, retryable: false, details: {}, errorId: null }, message),
  })
}

const TRPC_CODES = {
  'not-found': 'NOT_FOUND',
  forbidden: 'FORBIDDEN',
  invalid: 'BAD_REQUEST',
  conflict: 'CONFLICT',
  limit: 'TOO_MANY_REQUESTS',
  unsupported: 'NOT_IMPLEMENTED',
  'broker-unavailable': 'SERVICE_UNAVAILABLE',
  'outcome-unknown': 'TIMEOUT',
  internal: 'INTERNAL_SERVER_ERROR',
} as const satisfies Record<FailureCode, TRPCError['code']>

/** The one mapping of this edge: failures keep their words, everything unexpected is logged under an id and says no more. */
function reportFailure(error: TRPCError, path: string, log: Log): TRPCError {
  const cause = error.cause
  if (cause instanceof ReportedFailure) return error
  if (cause instanceof Failure && cause.code !== 'internal') {
    const { code, retryable, details, message } = cause
    return new TRPCError({
      code: TRPC_CODES[code],
      message,
      cause: new ReportedFailure({ code, retryable, details, errorId: null }, message),
    })
  }
  if (error.code !== 'INTERNAL_SERVER_ERROR') {
    const message = error.code === 'BAD_REQUEST' ? 'the input does not parse' : error.message
    const report: FailureData = { code: 'invalid', retryable: false, details: {}, errorId: null }
    return new TRPCError({ code: error.code, message, cause: new ReportedFailure(report, message) })
  }
  const errorId = randomUUID()
  log.error({ err: cause ?? error, errorId, path }, 'a procedure failed unexpectedly')
  const report: FailureData = { code: 'internal', retryable: false, details: {}, errorId }
  return new TRPCError({
    code: 'INTERNAL_SERVER_ERROR',
    message: 'something went wrong on the server',
    cause: new ReportedFailure(report, 'internal'),
  })
}
