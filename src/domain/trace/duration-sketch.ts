/**
 * A histogram whose bins grow by a fifth: a quantile read from it is within 10 % of the true one, and two sketches are
 * merged by adding their counts. Bin n holds durations from 1.2^n up to 1.2^(n+1) microseconds.
 */
export type DurationSketch = Map<number, number>

const COMMA = 44
const MINUS = 45
const ZERO = 48
const LOG_GROWTH = Math.log(1.2)

/** Durations below a microsecond, negative ones included, count in bin 0. */
export const binOf = (durationUs: number): number =>
  durationUs <= 1 ? 0 : Math.floor(Math.log(durationUs) / LOG_GROWTH)

/** Counts may be taken away again: what was added comes to nothing then, and the bin is gone. */
export function addDuration(sketch: DurationSketch, durationUs: number, count = 1): void {
  addToBin(sketch, binOf(durationUs), count)
}

/** Pairs of bin and count, as stored. */
export const sketchToPairs = (sketch: DurationSketch): number[] => [...sketch].flat()

/** Adds stored pairs of bin and count, or that share of each count. */
export function addPairs(sketch: DurationSketch, pairs: readonly number[], share = 1): void {
  for (let at = 0; at + 1 < pairs.length; at += 2) addToBin(sketch, pairs[at] ?? 0, (pairs[at + 1] ?? 0) * share)
}

/** Adds pairs that stand one after the other in a text, `60,2,61,1`, or that share of each count; null = none. */
export function addPairText(sketch: DurationSketch, text: string | null, share = 1): void {
  if (text === null) return
  const bounds = { at: 0 }
  while (bounds.at < text.length) {
    const bin = readNumber(text, bounds)
    addToBin(sketch, bin, readNumber(text, bounds) * share)
  }
}

/** The whole number that begins there; goes on behind the comma that ends it. */
function readNumber(text: string, bounds: { at: number }): number {
  let value = 0
  let sign = 1
  for (; bounds.at < text.length; bounds.at += 1) {
    const code = text.charCodeAt(bounds.at)
    if (code === COMMA) break
    if (code === MINUS) sign = -1
    else value = value * 10 + code - ZERO
  }
  bounds.at += 1
  return sign * value
}

function addToBin(sketch: DurationSketch, bin: number, count: number): void {
  const sum = (sketch.get(bin) ?? 0) + count
  if (sum === 0) sketch.delete(bin)
  else sketch.set(bin, sum)
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
