interface LaneLag {
  readonly lane: string
  readonly lagMessages: number | null
}

/** So many times the usual deviation above the middle is no accident. */
const DEVIATIONS = 5
/** Lanes that are all alike have no deviation: three times the median is then what stands out. */
const LEAST_DEVIATION = 0.4
/** A lane that owes less than this share of everything is not what holds the group up. */
const LEAST_SHARE = 0.25

/**
 * Lanes that owe far more than the others: above the median by five median deviations (a standard deviation can never
 * flag one lane of five), and a quarter of all there is. With two lanes the one that owes five times the other.
 */
export function findHotLanes<Lane extends LaneLag>(lanes: readonly Lane[]): readonly Lane[] {
  const known = lanes.filter((lane) => lane.lagMessages !== null)
  const lags = known.map((lane) => lane.lagMessages ?? 0)
  const total = lags.reduce((sum, lag) => sum + lag, 0)
  if (known.length < 2 || total === 0) return []
  const middle = known.length === 2 ? Math.min(...lags) : median(lags)
  const deviation = Math.max(1, median(lags.map((lag) => Math.abs(lag - middle))), LEAST_DEVIATION * middle)
  const limit = known.length === 2 ? 5 * Math.max(1, middle) : middle + DEVIATIONS * deviation
  return known.filter(({ lagMessages }) => (lagMessages ?? 0) > limit && (lagMessages ?? 0) >= LEAST_SHARE * total)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const at = sorted.length >> 1
  const upper = sorted[at] ?? 0
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[at - 1] ?? upper)) / 2
}
