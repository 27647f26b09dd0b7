export interface Slope {
  /** Units per second. */
  readonly perSecond: number
  /** Standard error of the slope, units per second. */
  readonly errorPerSecond: number
}

/** Ordinary least squares of value over time. null below 3 points or without any spread in time. */
export function fitSlope(points: readonly { readonly atMs: number; readonly value: number }[]): Slope | null {
  const count = points.length
  if (count < 3) return null
  const meanT = points.reduce((sum, { atMs }) => sum + atMs, 0) / count
  const meanV = points.reduce((sum, { value }) => sum + value, 0) / count
  let spread = 0
  let shared = 0
  for (const { atMs, value } of points) {
    spread += (atMs - meanT) ** 2
    shared += (atMs - meanT) * (value - meanV)
  }
  if (spread === 0) return null
  const perMs = shared / spread
  const residual = points.reduce((sum, { atMs, value }) => sum + (value - meanV - perMs * (atMs - meanT)) ** 2, 0)
  return { perSecond: perMs * 1_000, errorPerSecond: Math.sqrt(residual / (count - 2) / spread) * 1_000 }
}
