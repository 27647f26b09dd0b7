/** One commit in the window. `lag` is null for commits that were learnt of later than newer ones. */
export interface BurrowCommit {
  readonly offset: number
  readonly atMs: number
  readonly lag: number | null
}

/** What Burrow keeps of one partition: the last commits and the last ends of the log, oldest first. */
export interface BurrowWindow {
  readonly commits: readonly BurrowCommit[]
  readonly brokerEnds: readonly number[]
  /** How many commits the ring holds (`intervals`). */
  readonly capacity: number
}

export interface BurrowRule {
  readonly nowMs: number
  /** `allowed-lag`. */
  readonly allowedLag: number
  /** `minimum-complete`, a share. */
  readonly minimumComplete: number
}

/** In the order of severity. */
export const BURROW_STATUSES = ['OK', 'WARN', 'ERR', 'STOP', 'STALL', 'REWIND'] as const
export type BurrowStatus = (typeof BURROW_STATUSES)[number]

/** The status of one partition exactly as Burrow decides it (core/internal/evaluator/caching.go), weak spots included. */
export function evaluateBurrow(window: BurrowWindow, rule: BurrowRule): BurrowStatus {
  const { commits, brokerEnds, capacity } = window
  const [first, last] = [commits[0], commits.at(-1)]
  if (first === undefined || last === undefined) return 'OK'
  if (commits.length / capacity < rule.minimumComplete) return 'OK'
  const currentLag = Math.max(0, (brokerEnds.at(-1) ?? last.offset) - last.offset)
  if (currentLag <= rule.allowedLag) return 'OK'
  const hasStopped = rule.nowMs - last.atMs > last.atMs - first.atMs
  if (hasStopped && !brokerEnds.some((end) => end <= last.offset)) return 'STOP'
  if (isRewound(commits)) return 'REWIND'
  if (commits.some(({ lag }) => lag !== null && lag <= rule.allowedLag)) return 'OK'
  if (commits.every(({ offset }) => offset === first.offset)) return 'STALL'
  return hasLagFallen(commits) ? 'OK' : 'WARN'
}

/** Only the first step back counts, and only a return to where it began from undoes it. */
function isRewound(commits: readonly BurrowCommit[]): boolean {
  const at = commits.findIndex((commit, index) => commit.offset < (commits[index - 1]?.offset ?? commit.offset))
  const before = commits[at - 1]
  return before !== undefined && !commits.slice(at).some(({ offset }) => offset >= before.offset)
}

function hasLagFallen(commits: readonly BurrowCommit[]): boolean {
  const lags = commits.flatMap(({ lag }) => lag ?? [])
  return lags.some((lag, index) => index > 0 && lag < (lags[index - 1] ?? 0))
}

/** The status of a group: the worst of its partitions, everything beyond ERR being ERR. */
export function foldBurrow(partitions: readonly BurrowStatus[]): 'OK' | 'WARN' | 'ERR' {
  const worst = Math.max(0, ...partitions.map((status) => BURROW_STATUSES.indexOf(status)))
  return worst === 0 ? 'OK' : worst === 1 ? 'WARN' : 'ERR'
}
