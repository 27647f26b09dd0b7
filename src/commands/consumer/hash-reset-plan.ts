import { createHash } from 'node:crypto'
import { printResetPlan, type ResetPlan } from '#domain/reset/reset-plan.ts'

/** SHA-256 in hex of what a plan does: whoever agrees to the hash agrees to that and to nothing else. */
export const hashResetPlan = (clusterId: string, plan: ResetPlan): string =>
  createHash('sha256').update(printResetPlan(clusterId, plan)).digest('hex')
