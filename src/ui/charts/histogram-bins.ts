export interface HistogramBar {
  readonly atMs: number
  readonly count: number
  readonly badCount: number
}

interface HistogramFrame {
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
}

/** More are not drawn, whatever the frame says. */
const MOST_BINS = 400

/** A bar for every step of the frame, empty where none was counted. */
export function binsOf(
  bars: readonly HistogramBar[],
  { fromMs, toMs, stepMs }: HistogramFrame,
): readonly HistogramBar[] {
  const count = Math.min(MOST_BINS, Math.max(0, Math.ceil((toMs - fromMs) / stepMs)))
  const known = new Map(bars.map((bar) => [Math.floor((bar.atMs - fromMs) / stepMs), bar]))
  return Array.from({ length: count }, (_, place) => ({
    count: 0,
    badCount: 0,
    ...known.get(place),
    atMs: fromMs + place * stepMs,
  }))
}

/** The time from the one bar to the other, both whole, in whichever order they were picked. */
export function rangeOfBins(
  bins: readonly HistogramBar[],
  one: number,
  other: number,
  stepMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  const first = bins[Math.min(one, other)]?.atMs ?? 0
  const last = bins[Math.max(one, other)]?.atMs ?? first
  return { fromMs: first, toMs: last + stepMs }
}
