/** What is known of the canary's messages. The first five sum to its size. */
export interface CanaryTally {
  readonly processed: number
  readonly failedAgain: number
  readonly notSeen: number
  readonly unknown: number
  /** Refused by the destination, or gone at the source. */
  readonly failed: number
}

export type CanaryVerdict =
  | { readonly verdict: 'wait' }
  | { readonly verdict: 'go' }
  | { readonly verdict: 'stop'; readonly reason: string }

/** More than this share failing again stops an operation, in the canary and later. */
export const MAX_FAILED_SHARE = 0.1

/** Judged by what was observed, never by "sent": good means that nearly all were seen to be processed. */
export function judgeCanary(tally: CanaryTally): CanaryVerdict {
  const size = tally.processed + tally.failedAgain + tally.notSeen + tally.unknown + tally.failed
  const bad = tally.failedAgain + tally.failed
  if (bad > size * MAX_FAILED_SHARE) return { verdict: 'stop', reason: describeBad(tally, size) }
  if (tally.unknown > 0) return { verdict: 'wait' }
  if (tally.notSeen > 0) {
    return {
      verdict: 'stop',
      reason: `canary: of ${size} messages ${tally.notSeen} were not seen to be processed; resume if that is expected`,
    }
  }
  return { verdict: 'go' }
}

function describeBad(tally: CanaryTally, size: number): string {
  const parts = [
    ...(tally.failedAgain > 0 ? [`${tally.failedAgain} failed again`] : []),
    ...(tally.failed > 0 ? [`${tally.failed} could not be sent`] : []),
  ]
  return `canary: of ${size} messages ${parts.join(' and ')}`
}
