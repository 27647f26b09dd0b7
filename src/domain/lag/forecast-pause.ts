import type { LaneVerdict } from '#domain/lag/lag-evaluation.ts'

type PausedLane = Pick<LaneVerdict, 'lagMessages' | 'arrivalPerSecond' | 'bestPerSecond' | 'lossIfStoppedInMs'>

export interface PauseForecast {
  /** Before the first message is lost; null when none will be, or it is not known. */
  readonly lossInMs: number | null
  readonly isLossAvoided: boolean
  /** What waits when the pause ends; null when a lane's lag or arrivals are not known. */
  readonly lagMessages: number | null
  /** How long the slowest lane then takes at the best rate it was seen at; null when it would never be done. */
  readonly drainsInMs: number | null
}

/** What a pause of the group for `forMs` costs: (lag + arrivals d) / (best rate - arrivals) of the slowest lane. */
export function forecastPause(lanes: readonly PausedLane[], forMs: number): PauseForecast {
  const losses = lanes.flatMap((lane) => lane.lossIfStoppedInMs ?? [])
  const lossInMs = losses.length === 0 ? null : Math.min(...losses)
  let lagMessages: number | null = 0
  let drainsInMs: number | null = 0
  for (const lane of lanes) {
    const waiting = waitingAfter(lane, forMs)
    lagMessages = lagMessages === null || waiting === null ? null : lagMessages + waiting
    const laneMs = drainAfter(lane, waiting)
    drainsInMs = drainsInMs === null || laneMs === null ? null : Math.max(drainsInMs, laneMs)
  }
  return { lossInMs, isLossAvoided: lossInMs === null || lossInMs > forMs, lagMessages, drainsInMs }
}

function waitingAfter({ lagMessages, arrivalPerSecond }: PausedLane, forMs: number): number | null {
  if (lagMessages === null || arrivalPerSecond === null) return null
  return lagMessages + (Math.max(0, arrivalPerSecond) * forMs) / 1_000
}

function drainAfter({ arrivalPerSecond, bestPerSecond }: PausedLane, waiting: number | null): number | null {
  if (waiting === null || arrivalPerSecond === null) return null
  if (waiting <= 0) return 0
  const spare = (bestPerSecond ?? 0) - Math.max(0, arrivalPerSecond)
  return spare <= 0 ? null : (waiting / spare) * 1_000
}
