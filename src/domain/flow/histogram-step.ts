const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/** Steps that read well, in milliseconds. */
const STEPS_MS = [
  100,
  250,
  500,
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE_MS),
  ...[1, 2, 4, 6, 12, 24].map((count) => count * HOUR_MS),
]

/** More bars than this are too thin for a finger. */
const MOST_BARS = 72

/** The shortest step that parts a window of time into few enough bars. */
export function histogramStepMs(windowMs: number): number {
  return STEPS_MS.find((stepMs) => windowMs / stepMs <= MOST_BARS) ?? 24 * HOUR_MS
}
