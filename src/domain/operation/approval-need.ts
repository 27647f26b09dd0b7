import { isProduction } from '#domain/access/is-production.ts'

/** From more messages than this on a second person has to agree. */
const MOST_ALONE = { production: 1_000, elsewhere: 10_000 }

export interface BlastRadius {
  /** Messages that are sent or discarded. */
  readonly count: number
  readonly environment: string
}

/** Why a second person has to agree, in words; null when one is enough. */
export function describeApprovalNeed({ count, environment }: BlastRadius): string | null {
  const most = isProduction(environment) ? MOST_ALONE.production : MOST_ALONE.elsewhere
  if (count <= most) return null
  const [all, limit] = [count, most].map((figure) => figure.toLocaleString('en-GB'))
  return `${all} messages in ${environment}; more than ${limit} need a second person`
}
