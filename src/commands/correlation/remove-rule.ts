import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { reasonText } from '#commands/reason.ts'
import { deleteCorrelationRule, findCorrelationRule, lockCorrelationRules } from '#db/store/correlation-store.ts'
import { Failure } from '#domain/failure.ts'

/** Leaves these messages to the next rule that is for them, or to the conventions. @throws Failure `not-found` */
export const removeRule = defineCommand({
  name: 'correlation.remove-rule',
  permission: 'setting:manage',
  input: z.object({ ruleId: z.uuid(), reason: reasonText }),
  run: async ({ database }, { ruleId }) => {
    await lockCorrelationRules(database)
    const before = await findCorrelationRule(database, ruleId)
    if (before === null) throw new Failure('not-found', 'the rule has been removed already')
    await deleteCorrelationRule(database, ruleId)
    return {
      result: undefined,
      target: `correlation-rule:${ruleId}`,
      details: {
        before: { system: before.system, destination: before.destination, names: before.names },
        after: null,
      },
    }
  },
})
