/** One point of a chart: an instant and a figure per series; null = not known, drawn as a gap. */
export interface TimePoint {
  readonly atMs: number
  readonly figures: Readonly<Record<string, number | null>>
}

export interface TimeSeries {
  readonly id: string
  readonly label: string
  /** A CSS colour, by token: `var(--accent)`. */
  readonly color: string
  readonly shape: 'line' | 'area'
  readonly isDashed?: boolean
}

/** A horizontal line with a name: a cap, a limit. */
export interface TimeLimit {
  readonly label: string
  readonly value: number
  readonly color: string
}

/** Something that happened at an instant, or while a time lasted. */
export interface TimeMark {
  readonly atMs: number
  readonly untilMs?: number
  readonly label: string
  readonly color: string
}

/**
 * Puts an empty point wherever more than `stepMs` times one and a half passed without a point, so that a gap in the
 * data is a gap in the line. Points are in order of time.
 */
export function fillGaps(points: readonly TimePoint[], stepMs: number): readonly TimePoint[] {
  return points.flatMap((point, index) => {
    const before = points[index - 1]
    if (before === undefined || point.atMs - before.atMs <= stepMs * 1.5) return [point]
    return [{ atMs: before.atMs + stepMs, figures: {} }, point]
  })
}
