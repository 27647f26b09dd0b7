import { fitSlope } from '#domain/lag/regression.ts'

export interface Drift {
  /** Units per second. */
  readonly perSecond: number
  /** Standard error of `perSecond`. */
  readonly errorPerSecond: number
  /** How much the value wanders beside its drift: variance per second. */
  readonly variancePerSecond: number
  /** Degrees of freedom behind the variance. */
  readonly freedom: number
}

/** Steps are summed into this many blocks, so that commits in batches do not look like noise. */
const BLOCKS = 10
/** The variance of a least-squares slope on a random walk is 6/5 of what the two end points give. */
const SLOPE_ON_A_WALK = 1.2

/**
 * The drift of a value that wanders: a lag is what arrived less what was taken, so its steps are independent and not its
 * readings. Least squares on the readings gives the drift, the spread of the steps its error; the residuals of the
 * readings would promise far too much.
 *
 * @param points oldest first
 * @returns null below 3 points or without any spread in time
 */
export function fitDrift(points: readonly { readonly atMs: number; readonly value: number }[]): Drift | null {
  const slope = fitSlope(points)
  const [first, last] = [points[0], points.at(-1)]
  if (slope === null || first === undefined || last === undefined) return null
  const windowS = (last.atMs - first.atMs) / 1_000
  const size = Math.ceil((points.length - 1) / BLOCKS)
  let spread = 0
  let blocks = 0
  for (let from = 0; from < points.length - 1; from += size) {
    const [left, right] = [points[from], points[Math.min(from + size, points.length - 1)]]
    if (left === undefined || right === undefined || right.atMs <= left.atMs) continue
    const seconds = (right.atMs - left.atMs) / 1_000
    spread += (right.value - left.value - slope.perSecond * seconds) ** 2 / seconds
    blocks += 1
  }
  const freedom = Math.max(1, blocks - 1)
  const variancePerSecond = spread / freedom
  const errorPerSecond = Math.sqrt((SLOPE_ON_A_WALK * variancePerSecond) / windowS)
  return { perSecond: slope.perSecond, errorPerSecond, variancePerSecond, freedom }
}
