import type { z } from 'zod'
import type { ApprovalSeal } from '#commands/operation/approval-seal.ts'
import { isActorAllowed, type Actor, type Permission } from '#domain/access/role.ts'
import { Failure } from '#domain/failure.ts'
import { insertAuditEntry } from '#db/store/audit-store.ts'
import type { Database } from '#db/client.ts'

export interface CommandContext {
  readonly database: Database
  readonly actor: Actor
  /** Signs approvals and checks them; where it is absent nothing can be approved, and no approval counts. */
  readonly approvalSeal?: ApprovalSeal
}

export interface CommandScope {
  /** The open transaction: everything the verb changes goes through it. */
  readonly database: Database
  readonly actor: Actor
  readonly approvalSeal: ApprovalSeal | null
}

/** What a verb returns: its result, what it was done to, and what the audit row should say beside the input. */
export interface CommandOutcome<Result> {
  readonly result: Result
  readonly target: string
  readonly details?: Readonly<Record<string, unknown>>
}

export interface CommandDefinition<Schema extends z.ZodType, Result> {
  /** `dead-letter.plan-redrive`: noun, then verb, as in the file's path. */
  readonly name: string
  readonly permission: Permission
  readonly input: Schema
  /** What of the input goes to the audit row; secrets and payloads stay out. Default: all of it. */
  readonly auditInput?: (input: z.output<Schema>) => Readonly<Record<string, unknown>>
  readonly run: (scope: CommandScope, input: z.output<Schema>) => Promise<CommandOutcome<Result>>
}

export interface Command<Schema extends z.ZodType, Result> {
  readonly name: string
  readonly permission: Permission
  readonly input: Schema
  (context: CommandContext, input: z.input<Schema>): Promise<Result>
}

/**
 * The only way to change state: authorise -> parse -> transact -> audit, in that order and for every verb.
 * The audit row is written in the verb's own transaction, so that there is no act without a record and no record
 * without an act; a refusal is recorded in a transaction of its own.
 *
 * @throws Failure `forbidden` when the actor may not, `invalid` when the input does not parse, or what the verb throws.
 */
export function defineCommand<Schema extends z.ZodType, Result>(
  definition: CommandDefinition<Schema, Result>,
): Command<Schema, Result> {
  const command = async (context: CommandContext, raw: z.input<Schema>): Promise<Result> => {
    await authorise(definition, context)
    const parsed = definition.input.safeParse(raw)
    if (!parsed.success) {
      throw new Failure('invalid', `${definition.name}: the input does not parse`, {
        details: { issues: parsed.error.issues },
      })
    }
    return context.database.transaction(async (transaction) => {
      const { actor, approvalSeal = null } = context
      const outcome = await definition.run({ database: transaction, actor, approvalSeal }, parsed.data)
      await insertAuditEntry(transaction, {
        actor: context.actor,
        verb: definition.name,
        target: outcome.target,
        outcome: 'allowed',
        details: { input: auditedInput(definition, parsed.data), ...outcome.details },
      })
      return outcome.result
    })
  }
  Object.defineProperty(command, 'name', { value: definition.name })
  return Object.assign(command, { permission: definition.permission, input: definition.input })
}

async function authorise<Schema extends z.ZodType, Result>(
  definition: CommandDefinition<Schema, Result>,
  context: CommandContext,
): Promise<void> {
  if (isActorAllowed(context.actor, definition.permission)) return
  await insertAuditEntry(context.database, {
    actor: context.actor,
    verb: definition.name,
    target: 'none',
    outcome: 'denied',
    details: { permission: definition.permission },
  })
  throw new Failure('forbidden', `${definition.name} needs ${definition.permission}`)
}

function auditedInput<Schema extends z.ZodType, Result>(
  definition: CommandDefinition<Schema, Result>,
  input: z.output<Schema>,
): unknown {
  return definition.auditInput ? definition.auditInput(input) : input
}
