import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { readApprovalSetting, writeApprovalRule } from '#db/store/setting-store.ts'

const count = z.number().int().min(0).max(1_000_000)

const input = z.object({
  productionCount: count,
  otherCount: count,
  validHours: z.number().int().min(1).max(720),
})

/** Sets from how many messages on a second person has to agree, and for how long that holds; the record says what it was. */
export const setApprovalRule = defineCommand({
  name: 'setting.set-approval-rule',
  permission: 'setting:manage',
  input,
  run: async ({ database, actor }, rule) => {
    const before = await readApprovalSetting(database)
    await writeApprovalRule(database, rule, actor.name)
    return { result: rule, target: 'setting:approval', details: { before: before.rule } }
  },
})
