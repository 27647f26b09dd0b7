/** The least round figure (1, 2, 2.5 or 5 times a power of ten, times four) that is not below `most`; 4 for nothing. */
export function niceCeiling(most: number): number {
  if (!(most > 0)) return 4
  const power = 10 ** Math.floor(Math.log10(most / 4))
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power * 4 >= most * (1 - 1e-9)) ?? 10
  return step * power * 4
}

const MINUTE_MS = 60_000
/** Steps that read well beyond ten seconds: parts of minutes, hours and days. */
const LONG_STEPS_MS = [
  5_000,
  10_000,
  15_000,
  30_000,
  MINUTE_MS,
  2 * MINUTE_MS,
  5 * MINUTE_MS,
  10 * MINUTE_MS,
  15 * MINUTE_MS,
  30 * MINUTE_MS,
  60 * MINUTE_MS,
  120 * MINUTE_MS,
  180 * MINUTE_MS,
  360 * MINUTE_MS,
  720 * MINUTE_MS,
  1440 * MINUTE_MS,
]

/** The same for milliseconds: four steps of whole minutes, hours or days once it is long enough for them. */
export function niceDurationCeiling(mostMs: number): number {
  if (mostMs <= 10_000) return niceCeiling(mostMs)
  const step = LONG_STEPS_MS.find((stepMs) => stepMs * 4 >= mostMs)
  return (step ?? Math.ceil(mostMs / 4 / (1440 * MINUTE_MS)) * 1440 * MINUTE_MS) * 4
}
