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

/** A stretch of time on the width; those that are not folded all have the same length per microsecond. */
export interface ScalePiece extends Fold {
  readonly isFolded: boolean
}

/** A scale as it can be sent: at most a dozen pieces, whatever the flow. */
export interface ScalePlan {
  readonly startUs: number
  readonly endUs: number
  readonly pieces: readonly ScalePiece[]
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
export function planScale(bars: readonly ScaleBar[]): ScalePlan {
  const startUs = bars.reduce((least, bar) => Math.min(least, bar.startUs), Number.POSITIVE_INFINITY)
  const endUs = bars.reduce((most, bar) => Math.max(most, bar.startUs + bar.durationUs), Number.NEGATIVE_INFINITY)
  if (bars.length === 0 || endUs <= startUs) {
    const atUs = Number.isFinite(startUs) ? startUs : 0
    return { startUs: atUs, endUs: atUs, pieces: [] }
  }
  const stretches = mergeStretches(splitIntoStretches(bars))
  return { startUs, endUs, pieces: layOut(stretches, chooseFolds(stretches)) }
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

function layOut(stretches: readonly Stretch[], folded: ReadonlySet<Stretch>): readonly ScalePiece[] {
  const foldShare = folded.size === 0 ? 0 : Math.min(FOLDED_SHARE, FOLDED_MOST / folded.size)
  const openUs = stretches.reduce((sum, stretch) => sum + (folded.has(stretch) ? 0 : lengthOf(stretch)), 0)
  const openShare = 1 - foldShare * folded.size
  const pieces: ScalePiece[] = []
  let x = 0
  for (const stretch of stretches) {
    const { startUs, endUs } = stretch
    const isFolded = folded.has(stretch)
    const fromX = x
    x += isFolded ? foldShare : (lengthOf(stretch) / openUs) * openShare
    const last = pieces.at(-1)
    if (last !== undefined && !last.isFolded && !isFolded) pieces[pieces.length - 1] = { ...last, endUs, toX: x }
    else pieces.push({ startUs, endUs, fromX, toX: x, isFolded })
  }
  return pieces
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value))

export function openScale({ startUs, endUs, pieces }: ScalePlan): TimelineScale {
  return {
    startUs,
    endUs,
    folds: pieces.filter((piece) => piece.isFolded),
    toX: (atUs) => {
      const piece = pieces.find((one) => atUs <= one.endUs) ?? pieces.at(-1)
      if (piece === undefined) return 0
      const share = (atUs - piece.startUs) / (piece.endUs - piece.startUs)
      return clamp(piece.fromX + clamp(share) * (piece.toX - piece.fromX))
    },
    toUs: (x) => {
      const piece = pieces.find((one) => x <= one.toX) ?? pieces.at(-1)
      if (piece === undefined || piece.toX === piece.fromX) return startUs
      return piece.startUs + clamp((x - piece.fromX) / (piece.toX - piece.fromX)) * (piece.endUs - piece.startUs)
    },
  }
}
