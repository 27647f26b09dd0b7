/** How deliveries on a target ended within the last `windowMs`, by all of its groups, as spans tell. */
export interface TargetHealth {
  readonly destination: string
  readonly receivedCount: number
  readonly errorCount: number
  readonly windowMs: number
}

/** Fewer deliveries than this say nothing. */
const MIN_DELIVERIES = 20
const WORRYING_SHARE = 0.1

/** A whole sentence when so many deliveries failed that sending more is doubtful; null otherwise. */
export function describeTargetHealth({
  destination,
  receivedCount,
  errorCount,
  windowMs,
}: TargetHealth): string | null {
  if (receivedCount < MIN_DELIVERIES || errorCount <= receivedCount * WORRYING_SHARE) return null
  const [failed, all] = [errorCount, receivedCount].map((figure) => figure.toLocaleString('en-GB'))
  const minutes = Math.round(windowMs / 60_000)
  return `On ${destination} ${failed} of ${all} deliveries failed in the last ${minutes} minutes: the consumer is not well.`
}
