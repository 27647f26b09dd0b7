/** One bar to be drawn; `isWork` keeps its stretch of time from being folded. Microseconds since the epoch. */
export interface ScaleBar {
  readonly startUs: number
  readonly durationUs: number
  readonly isWork: boolean
}

/** A stretch where nothing but waiting happens, drawn shorter than it is. */
export interface Fold {
  readonly startUs: number
  readonly endUs: number
  /** Share of the width, 0 to 1. */
  readonly fromX: number
  readonly toX: number
}

/** Maps time to a share of the width and back; monotonic, folded stretches are linear inside. */
export interface TimelineScale {
  readonly startUs: number
  readonly endUs: number
  readonly folds: readonly Fold[]
  readonly toX: (atUs: number) => number
  readonly toUs: (x: number) => number
}

interface Stretch {
  readonly startUs: number
  readonly endUs: number
  readonly isQuiet: boolean
}

/** Share of the width that one folded wait keeps, and that all of them may take together. */
const FOLDED_SHARE = 0.2
const FOLDED_MOST = 0.5
/** A wait is folded when it takes more than this of what is not folded yet. */
const FOLD_ABOVE = 0.4
const MOST_FOLDS = 5

/**
 * A time scale in which long waits are folded, so that an hour in a dead-letter queue does not squeeze a second of
 * work into nothing. Waits are folded one after the other, the longest first, while one dominates the rest.
 */
export function buildTimelineScale(bars: readonly ScaleBar[]): TimelineScale {
  const startUs = bars.reduce((least, bar) => Math.min(least, bar.startUs), Number.POSITIVE_INFINITY)
  const endUs = bars.reduce((most, bar) => Math.max(most, bar.startUs + bar.durationUs), Number.NEGATIVE_INFINITY)
  if (bars.length === 0 || endUs <= startUs) return pointScale(Number.isFinite(startUs) ? startUs : 0)
  const stretches = mergeStretches(splitIntoStretches(bars))
  const folded = chooseFolds(stretches)
  return layOut(stretches, folded, startUs, endUs)
}

function pointScale(atUs: number): TimelineScale {
  return { startUs: atUs, endUs: atUs, folds: [], toX: () => 0, toUs: () => atUs }
}

/** Cuts time wherever work begins or ends; a stretch is quiet when no work covers it. */
function splitIntoStretches(bars: readonly ScaleBar[]): readonly Stretch[] {
  const changes = new Map<number, number>()
  const note = (atUs: number, change: number) => changes.set(atUs, (changes.get(atUs) ?? 0) + change)
  for (const bar of bars) {
    note(bar.startUs, bar.isWork ? 1 : 0)
    note(bar.startUs + bar.durationUs, bar.isWork ? -1 : 0)
  }
  const cuts = [...changes].toSorted(([a], [b]) => a - b)
  const stretches: Stretch[] = []
  let workers = 0
  for (const [index, [atUs, change]] of cuts.entries()) {
    workers += change
    const next = cuts[index + 1]
    if (next !== undefined) stretches.push({ startUs: atUs, endUs: next[0], isQuiet: workers === 0 })
  }
  return stretches
}

/** Neighbours of one kind become one, so that a wait that begins while another ends is one wait. */
function mergeStretches(stretches: readonly Stretch[]): readonly Stretch[] {
  const merged: Stretch[] = []
  for (const stretch of stretches) {
    const last = merged.at(-1)
    if (last !== undefined && last.isQuiet === stretch.isQuiet)
      merged[merged.length - 1] = { ...last, endUs: stretch.endUs }
    else merged.push(stretch)
  }
  return merged
}

const lengthOf = (stretch: Stretch): number => stretch.endUs - stretch.startUs

function chooseFolds(stretches: readonly Stretch[]): ReadonlySet<Stretch> {
  const folded = new Set<Stretch>()
  let restUs = stretches.reduce((sum, stretch) => sum + lengthOf(stretch), 0)
  for (const stretch of stretches.filter((one) => one.isQuiet).toSorted((a, b) => lengthOf(b) - lengthOf(a))) {
    const isAlone = stretches.length === 1
    if (isAlone || folded.size === MOST_FOLDS || lengthOf(stretch) <= restUs * FOLD_ABOVE) break
    folded.add(stretch)
    restUs -= lengthOf(stretch)
  }
  return folded
}

function layOut(
  stretches: readonly Stretch[],
  folded: ReadonlySet<Stretch>,
  startUs: number,
  endUs: number,
): TimelineScale {
  const foldShare = folded.size === 0 ? 0 : Math.min(FOLDED_SHARE, FOLDED_MOST / folded.size)
  const openUs = stretches.reduce((sum, stretch) => sum + (folded.has(stretch) ? 0 : lengthOf(stretch)), 0)
  const openShare = 1 - foldShare * folded.size
  let x = 0
  const placed = stretches.map((stretch) => {
    const fromX = x
    x += folded.has(stretch) ? foldShare : (lengthOf(stretch) / openUs) * openShare
    return { ...stretch, fromX, toX: x, isFolded: folded.has(stretch) }
  })
  const clamp = (value: number) => Math.min(1, Math.max(0, value))
  return {
    startUs,
    endUs,
    folds: placed.filter((stretch) => stretch.isFolded).map(({ isQuiet: _quiet, isFolded: _folded, ...fold }) => fold),
    toX: (atUs) => {
      const stretch = placed.find((one) => atUs <= one.endUs) ?? placed.at(-1)
      if (stretch === undefined) return 0
      const share = (atUs - stretch.startUs) / lengthOf(stretch)
      return clamp(stretch.fromX + clamp(share) * (stretch.toX - stretch.fromX))
    },
    toUs: (at) => {
      const stretch = placed.find((one) => at <= one.toX) ?? placed.at(-1)
      if (stretch === undefined || stretch.toX === stretch.fromX) return startUs
      return stretch.startUs + clamp((at - stretch.fromX) / (stretch.toX - stretch.fromX)) * lengthOf(stretch)
    },
  }
}
