/** From when on a second person has to agree, and for how long an approval holds. */
export interface ApprovalRule {
  /** The most messages that one person may send or discard alone, in production and elsewhere. */
  readonly productionCount: number
  readonly otherCount: number
  readonly validHours: number
}

export const DEFAULT_APPROVAL_RULE: ApprovalRule = { productionCount: 1_000, otherCount: 10_000, validHours: 24 }

/** How old an approval is. */
export interface ApprovalAge {
  /** By the database's clock; below 0 when the clock has jumped back behind it. */
  readonly sinceMs: number
  /** By the monotonic clocks of collectors, which no jump moves. */
  readonly agedMs: number
}

/** Expired as soon as either clock says so: a jump back makes an approval no younger, a jump ahead only asks again. */
export function isApprovalExpired({ sinceMs, agedMs }: ApprovalAge, { validHours }: ApprovalRule): boolean {
  return Math.max(sinceMs, agedMs) >= validHours * 3_600_000
}
