import type { LaneLag } from '#brokers/broker.ts'
import type { NewLagSample } from '#db/store/lag-store.ts'
import type { LagSample } from '#domain/lag/lag-status.ts'

/** Every poll of the last minutes is kept for rates; further back a point each half minute is enough for ages. */
const FINE_MS = 300_000
const COARSE_STEP_MS = 30_000
export const HISTORY_MS = 3_600_000
/** An unchanged lane is still written once a minute, so that "nothing changed" differs from "nobody looked". */
const WRITE_EVERY_MS = 60_000

interface Lane {
  samples: LagSample[]
  written: LagSample | null
}

/** The poll history of one cluster in memory, and the decision what of it is worth a row. */
export interface LagHistory {
  /** Adds a reading; the answer is the row to write, or null when nothing changed and a minute has not passed. */
  add(reading: LaneLag, atMs: number): NewLagSample | null
  samplesOf(group: string, destination: string, lane: string): readonly LagSample[]
  /** Forgets lanes that have not been read since `beforeMs`. */
  forget(beforeMs: number): void
}

export function createLagHistory(stored: readonly NewLagSample[]): LagHistory {
  const lanes = new Map<string, Lane>()
  const laneOf = (key: string): Lane => {
    const known = lanes.get(key)
    if (known !== undefined) return known
    const lane: Lane = { samples: [], written: null }
    lanes.set(key, lane)
    return lane
  }
  for (const sample of stored) {
    const lane = laneOf(keyOf(sample.group, sample.destination, sample.lane))
    const { atMs, committed, end, start } = sample
    lane.written = { atMs, committed, end, start }
    lane.samples.push(lane.written)
  }
  return {
    add(reading, atMs) {
      const lane = laneOf(keyOf(reading.group, reading.destination, reading.lane))
      const sample: LagSample = { atMs, committed: reading.committed, end: reading.end, start: reading.start }
      if (atMs <= (lane.samples.at(-1)?.atMs ?? 0)) return null
      append(lane.samples, sample)
      thin(lane.samples, atMs)
      const isDue = lane.written === null || !isSame(lane.written, sample) || atMs - lane.written.atMs >= WRITE_EVERY_MS
      if (!isDue) return null
      lane.written = sample
      return { group: reading.group, destination: reading.destination, lane: reading.lane, ...sample }
    },
    samplesOf: (group, destination, lane) => lanes.get(keyOf(group, destination, lane))?.samples ?? [],
    forget(beforeMs) {
      for (const [key, lane] of lanes) if ((lane.samples.at(-1)?.atMs ?? 0) < beforeMs) lanes.delete(key)
    },
  }
}

const keyOf = (group: string, destination: string, lane: string): string => `${group}\u0000${destination}\u0000${lane}`

const isSame = (a: LagSample, b: LagSample): boolean =>
  a.committed === b.committed && a.end === b.end && a.start === b.start

/** Idle lanes that are read to the end need the first and the last of equal readings only; there are many of them. */
function append(samples: LagSample[], sample: LagSample): void {
  const last = samples.at(-1)
  const before = samples.at(-2)
  const isIdle =
    sample.committed === sample.end &&
    last !== undefined &&
    before !== undefined &&
    isSame(last, sample) &&
    isSame(before, last)
  if (isIdle) samples.pop()
  samples.push(sample)
}

/** Amortised: looks only at the sample that has just left the fine window. */
function thin(samples: LagSample[], nowMs: number): void {
  const firstFine = samples.findIndex(({ atMs }) => nowMs - atMs <= FINE_MS)
  if (firstFine >= 2) {
    const older = samples[firstFine - 2]
    const candidate = samples[firstFine - 1]
    if (older !== undefined && candidate !== undefined && candidate.atMs - older.atMs < COARSE_STEP_MS) {
      samples.splice(firstFine - 1, 1)
    }
  }
  while (samples[0] !== undefined && nowMs - samples[0].atMs > HISTORY_MS) samples.shift()
}
