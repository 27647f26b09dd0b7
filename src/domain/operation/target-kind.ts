/** Each message's origin; the retry destination that only the group that failed reads; or one destination for all. */
export const TARGET_KINDS = ['origin', 'retry', 'destination'] as const
export type TargetKind = (typeof TARGET_KINDS)[number]
