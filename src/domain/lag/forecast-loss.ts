import type { LossCause } from '#domain/lag/lag-status.ts'

export interface LossForecast {
  readonly inMs: number
  readonly cause: LossCause
}

export interface LossFacts {
  /** Age of the oldest unread message; null when unknown. */
  readonly timeBehindMs: number | null
  /** null = unlimited or unknown. */
  readonly retentionMs: number | null
  /** What an age limit is called: of the log, or of the message. */
  readonly ageCause: 'retention' | 'ttl'
  readonly isStill: boolean
  /** By how much the age grows per second of the clock; null when not beyond doubt, or it does not grow. */
  readonly ageGrowth: number | null
  /** Messages between the start and the position to read next. */
  readonly marginMessages: number
  /** How fast the start follows because of the size, messages per second; null when it does not, or is not known. */
  readonly startPerSecond: number | null
  readonly commitPerSecond: number
}

/**
 * The first loss in sight. By age: while nothing is read the age grows with the clock; while reading is slower than
 * arriving it grows by the share that is not kept up with; otherwise there is no loss in sight. By size: when the start
 * follows faster than the group reads on. Brokers delete whole segments, so the real loss is never earlier.
 */
export function forecastLoss(facts: LossFacts): LossForecast | null {
  const byAge = lossByAge(facts)
  const bySize = lossBySize(facts)
  if (byAge === null || bySize === null) return byAge ?? bySize
  return bySize.inMs < byAge.inMs ? bySize : byAge
}

/** The first loss if nothing at all were read from now on: what a pause may take. */
export const forecastLossIfStopped = (facts: LossFacts): LossForecast | null =>
  forecastLoss({ ...facts, isStill: true, commitPerSecond: 0 })

function lossByAge({ timeBehindMs, retentionMs, ageCause, isStill, ageGrowth }: LossFacts): LossForecast | null {
  if (retentionMs === null || retentionMs <= 0 || timeBehindMs === null) return null
  const leftMs = Math.max(0, retentionMs - timeBehindMs)
  if (isStill) return { inMs: leftMs, cause: ageCause }
  if (ageGrowth === null || ageGrowth <= 0) return null
  return { inMs: leftMs / Math.min(1, ageGrowth), cause: ageCause }
}

function lossBySize({ marginMessages, startPerSecond, commitPerSecond }: LossFacts): LossForecast | null {
  if (startPerSecond === null || startPerSecond <= Math.max(0, commitPerSecond)) return null
  return {
    inMs: (Math.max(0, marginMessages) / (startPerSecond - Math.max(0, commitPerSecond))) * 1_000,
    cause: 'size',
  }
}
