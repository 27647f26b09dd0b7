import { eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Database } from '#db/client.ts'
import { setting } from '#db/schema/setting.ts'
import { epochMs } from '#db/epoch-ms.ts'
import { DEFAULT_APPROVAL_RULE, type ApprovalRule } from '#domain/operation/approval-rule.ts'

const APPROVAL = 'approval'

const approvalRule = z.object({
  productionCount: z.number().int().min(0),
  otherCount: z.number().int().min(0),
  validHours: z.number().min(1),
})

export interface ApprovalSetting {
  readonly rule: ApprovalRule
  /** null while it is the default. */
  readonly changed: { readonly byName: string; readonly atMs: number } | null
}

/** @throws ZodError when the row was written by hand and is no rule */
export async function readApprovalSetting(database: Database): Promise<ApprovalSetting> {
  const [row] = await database
    .select({ value: setting.value, byName: setting.changedByName, atMs: epochMs(setting.changedAt) })
    .from(setting)
    .where(eq(setting.name, APPROVAL))
  if (!row) return { rule: DEFAULT_APPROVAL_RULE, changed: null }
  return { rule: approvalRule.parse(row.value), changed: { byName: row.byName, atMs: row.atMs } }
}

export async function writeApprovalRule(database: Database, rule: ApprovalRule, byName: string): Promise<void> {
  const row = { value: { ...rule }, changedByName: byName, changedAt: sql`now()` }
  await database
    .insert(setting)
    .values({ name: APPROVAL, ...row })
    .onConflictDoUpdate({ target: setting.name, set: row })
}
