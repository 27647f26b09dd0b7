/** How old the record is that a group has to read next on one lane. */
export interface MeasuredLane {
  readonly lane: string
  readonly position: string
  /** null = not known, `because` says why. */
  readonly ageMs: number | null
  readonly because: string | null
}

export interface MeasuredAge {
  readonly atMs: number
  /** The lanes that were read, those that owe most first. */
  readonly lanes: readonly MeasuredLane[]
  /** Lanes that are behind and were not read. */
  readonly leftOutCount: number
}

/** The lane whose record is the oldest; null when none is known. */
export function oldestMeasured({ lanes }: MeasuredAge): (MeasuredLane & { readonly ageMs: number }) | null {
  let oldest: (MeasuredLane & { readonly ageMs: number }) | null = null
  for (const lane of lanes) {
    if (lane.ageMs !== null && lane.ageMs >= (oldest?.ageMs ?? 0)) oldest = { ...lane, ageMs: lane.ageMs }
  }
  return oldest
}
