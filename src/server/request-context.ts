import type { CommandContext } from '#commands/command.ts'
import type { Actor, Role } from '#domain/access/role.ts'
import type { Runtime } from '#server/runtime.ts'

/** The person whose session cookie came with the request. */
export interface Caller {
  readonly actor: Extract<Actor, { kind: 'person' }>
  readonly login: string
  readonly role: Role
  /** Signed in with a one-time password: nothing else is allowed before a new one is chosen. */
  readonly mustChangePassword: boolean
}

/** What every procedure gets. `setSessionToken` puts the cookie on the response; null takes it away. */
export interface RequestContext {
  readonly runtime: Runtime
  readonly caller: Caller | null
  /** Of the cookie that came along, whether or not it is a live session; null without one. */
  readonly sessionHash: Uint8Array | null
  /** The address that the request came from, as the nearest proxy tells (Next itself where there is none); else `unknown`. */
  readonly address: string
  readonly setSessionToken: (token: string | null) => void
}

/** A command acts for the person who asks, on the process' pool. */
export function commandContext(context: RequestContext & { readonly caller: Caller }): CommandContext {
  const { database, approvalSeal } = context.runtime
  return { database, actor: context.caller.actor, approvalSeal }
}
