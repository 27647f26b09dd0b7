/**
 * A histogram whose bins grow by a fifth: a quantile read from it is within 10 % of the true one, and two sketches are
 * merged by adding their counts. Bin n holds durations from 1.2^n up to 1.2^(n+1) microseconds.
 */
export type DurationSketch = Map<number, number>

const LOG_GROWTH = Math.log(1.2)

/** Durations below a microsecond, negative ones included, count in bin 0. */
export const binOf = (durationUs: number): number =>
  durationUs <= 1 ? 0 : Math.floor(Math.log(durationUs) / LOG_GROWTH)

export function addDuration(sketch: DurationSketch, durationUs: number, count = 1): void {
  const bin = binOf(durationUs)
  sketch.set(bin, (sketch.get(bin) ?? 0) + count)
}

/** Pairs of bin and count, as stored. */
export const sketchToPairs = (sketch: DurationSketch): number[] => [...sketch].flat()

/** Adds stored pairs of bin and count. */
export function addPairs(sketch: DurationSketch, pairs: readonly number[]): void {
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    const bin = pairs[at] ?? 0
    sketch.set(bin, (sketch.get(bin) ?? 0) + (pairs[at + 1] ?? 0))
  }
}

/** The duration below which a share of the recorded ones lies; null when nothing was recorded. */
export function quantileUs(sketch: DurationSketch, share: number): number | null {
  const bins = [...sketch].toSorted(([left], [right]) => left - right)
  const total = bins.reduce((sum, [, count]) => sum + count, 0)
  if (total === 0) return null
  let seen = 0
  for (const [bin, count] of bins) {
    seen += count
    if (seen >= share * total) return Math.round(1.2 ** (bin + 0.5))
  }
  return null
}
