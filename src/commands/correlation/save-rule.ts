import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { reasonText } from '#commands/reason.ts'
import {
  findCorrelationRule,
  hasRivalRule,
  lockCorrelationRules,
  saveCorrelationRule,
} from '#db/store/correlation-store.ts'
import { Failure } from '#domain/failure.ts'
import { correlationRuleSchema, MAX_CORRELATION_RULES } from '#domain/trace/correlation-rule.ts'

const input = z.object({
  /** null makes a new rule. */
  ruleId: z.uuid().nullable(),
  rule: correlationRuleSchema,
  reason: reasonText,
})

/**
 * Says where messages of some destinations carry the id of their flow. Collectors take it over within seconds, for what
 * comes in from then on; what is stored keeps its ids.
 *
 * @throws Failure `not-found` (the rule to change), `conflict` (another rule for the same messages), `limit` (too many)
 */
export const saveRule = defineCommand({
  name: 'correlation.save-rule',
  permission: 'setting:manage',
  input,
  run: async ({ database, actor }, { ruleId, rule }) => {
    const count = await lockCorrelationRules(database)
    const before = ruleId === null ? null : await findCorrelationRule(database, ruleId)
    if (ruleId !== null && before === null) throw new Failure('not-found', 'the rule has been removed')
    if (ruleId === null && count >= MAX_CORRELATION_RULES) {
      throw new Failure('limit', `there are ${MAX_CORRELATION_RULES} rules already; a pattern may stand for several`)
    }
    if (await hasRivalRule(database, rule, ruleId)) {
      throw new Failure('conflict', `there is a rule for ${rule.destination} of ${rule.system ?? 'any system'} already`)
    }
    const id = await saveCorrelationRule(database, rule, ruleId, actor.name)
    return {
      result: { id },
      target: `correlation-rule:${id}`,
      details: {
        before: before && { system: before.system, destination: before.destination, names: before.names },
        after: rule,
      },
    }
  },
})
