import type { ApprovalSeal } from '#commands/operation/approval-seal.ts'
import type { Database } from '#db/client.ts'
import { readApprovalFacts, type ApprovalFacts, type StoredApproval } from '#db/store/approval-store.ts'
import type { OperationRow } from '#db/store/operation-store.ts'
import { readApprovalSetting } from '#db/store/setting-store.ts'
import { describeApprovalNeed } from '#domain/operation/approval-need.ts'
import { isApprovalExpired, type ApprovalRule } from '#domain/operation/approval-rule.ts'

export interface Approval {
  readonly byId: string
  readonly byName: string
  readonly reason: string
  readonly atMs: number
}

/** What stands between a plan and its start. */
export interface ApprovalState {
  /** SHA-256 over everything that the operation would do; 64 hex digits. */
  readonly planHash: string
  /** Why a second person has to agree; null when one is enough. */
  readonly need: string | null
  /** Somebody other than the one who asked is there who may agree. Where nobody is, none is waited for. */
  readonly hasApprover: boolean
  /** Of this very plan, genuine, not expired, by somebody else than the one who asked; null = not yet. */
  readonly approval: Approval | null
  /** Why what stands in the table is no approval; null when nothing stands there, or it is one. */
  readonly problem: string | null
  /** How long an approval holds. */
  readonly validHours: number
}

/** Of an operation with a plan. Without a seal no approval can be told from a forged one, so none counts. */
export async function readApprovalState(
  database: Database,
  row: OperationRow,
  seal: ApprovalSeal | null,
): Promise<ApprovalState> {
  const { rule } = await readApprovalSetting(database)
  const facts = await readApprovalFacts(database, row.id)
  const radius = { count: row.plan?.sendCount ?? 0, environment: facts.environment ?? 'production' }
  const judged = facts.approvals.map((given) => ({ given, problem: findProblem(given, { row, facts, rule, seal }) }))
  const good = judged.find((one) => one.problem === null)?.given
  return {
    planHash: facts.planHash,
    need: describeApprovalNeed(radius, rule),
    hasApprover: facts.hasApprover,
    approval: good ? { byId: good.byId, byName: good.byName, reason: good.reason, atMs: good.atMs } : null,
    problem: good ? null : (judged.at(-1)?.problem ?? null),
    validHours: rule.validHours,
  }
}

interface Judging {
  readonly row: OperationRow
  readonly facts: ApprovalFacts
  readonly rule: ApprovalRule
  readonly seal: ApprovalSeal | null
}

function findProblem(given: StoredApproval, { row, facts, rule, seal }: Judging): string | null {
  if (given.planHash !== facts.planHash) return `what ${given.byName} approved was another plan`
  if (given.byId === row.createdById) return 'whoever asked for it cannot approve it'
  if (seal === null) return 'THROUGHLINE_SECRET is not set here, so no approval can be checked'
  if (!seal.isGenuine(given, given.signature)) return `the approval by ${given.byName} does not bear our signature`
  return isApprovalExpired(given, rule) ? `the approval by ${given.byName} has expired` : null
}
