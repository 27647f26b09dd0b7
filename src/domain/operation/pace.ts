/** The rate cap as one instant: until then it is used up. What was not used before now is not saved up. */
export interface PaceReservation {
  /** How long the caller waits before it sends what it reserved, in ms. */
  readonly waitMs: number
  readonly nextPacedUntilMs: number
}

/** Generic cell rate algorithm without tolerance: `count` messages use up `count / rate` seconds. */
export function reservePace(
  pacedUntilMs: number,
  count: number,
  ratePerSecond: number,
  nowMs: number,
): PaceReservation {
  const startMs = Math.max(pacedUntilMs, nowMs)
  return { waitMs: startMs - nowMs, nextPacedUntilMs: startMs + (count / ratePerSecond) * 1_000 }
}

/** At most a twentieth of a second's worth at once, so that every window of a second stays within 1.1 times the cap. */
export function batchSizeFor(ratePerSecond: number, maxBatch: number): number {
  return Math.max(1, Math.min(maxBatch, Math.floor(ratePerSecond / 20)))
}
