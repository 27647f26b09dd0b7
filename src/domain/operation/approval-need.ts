import { isProduction } from '#domain/access/is-production.ts'
import { DEFAULT_APPROVAL_RULE, type ApprovalRule } from '#domain/operation/approval-rule.ts'

export interface BlastRadius {
  /** Messages that are sent or discarded. */
  readonly count: number
  readonly environment: string
}

/** Why a second person has to agree, in words; null when one is enough. */
export function describeApprovalNeed(
  { count, environment }: BlastRadius,
  rule: ApprovalRule = DEFAULT_APPROVAL_RULE,
): string | null {
  const most = isProduction(environment) ? rule.productionCount : rule.otherCount
  if (count <= most) return null
  const [all, limit] = [count, most].map((figure) => figure.toLocaleString('en-GB'))
  const bound = most === 0 ? 'all of them' : `more than ${limit}`
  return `${all} messages in ${environment}; ${bound} need a second person`
}
