import type { BurrowStatus, BurrowWindow } from '#domain/lag/evaluate-burrow.ts'
import type { LagSample, LagState } from '#domain/lag/lag-status.ts'

/** Burrow's own default of `intervals`. */
const CAPACITY = 10

/**
 * What Burrow would keep of a lane that is polled. A reading is a commit when the position is another one; while members
 * are connected also when it is not, as consumers that commit by themselves go on committing the same position.
 *
 * @param samples oldest first
 */
export function toBurrowWindow(samples: readonly LagSample[], isConnected: boolean): BurrowWindow {
  const commits = samples.flatMap((sample, index) => {
    const { committed, atMs, end } = sample
    if (committed === null || (!isConnected && index > 0 && samples[index - 1]?.committed === committed)) return []
    return [{ offset: committed, atMs, lag: Math.max(0, end - committed) }]
  })
  return {
    commits: commits.slice(-CAPACITY),
    brokerEnds: samples.slice(-CAPACITY).map(({ end }) => end),
    capacity: CAPACITY,
  }
}

const STATES: Readonly<Record<BurrowStatus, LagState>> = {
  OK: 'OK',
  WARN: 'LAGGING',
  ERR: 'UNKNOWN',
  STOP: 'STOPPED',
  STALL: 'STALLED',
  REWIND: 'REWOUND',
}

export const fromBurrowStatus = (status: BurrowStatus): LagState => STATES[status]
