const HOUR_MS = 3_600_000
const HOURS = 24

interface Bucket {
  readonly atMs: number
  readonly count: number
}

/** Counts for each of the last 24 hours, the present one last; hours without a bucket are 0. */
export function lastDayByHour(buckets: readonly Bucket[], nowMs: number): readonly number[] {
  const firstMs = (Math.floor(nowMs / HOUR_MS) - HOURS + 1) * HOUR_MS
  const counts = Array.from({ length: HOURS }, () => 0)
  for (const bucket of buckets) {
    const hour = Math.floor((bucket.atMs - firstMs) / HOUR_MS)
    if (hour >= 0 && hour < HOURS) counts[hour] = (counts[hour] ?? 0) + bucket.count
  }
  return counts
}
