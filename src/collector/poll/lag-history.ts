import type { LaneLag } from '#brokers/broker.ts'
import type { NewLagSample } from '#db/store/lag-store.ts'
import type { LagSample } from '#domain/lag/lag-status.ts'
import { medianGap } from '#domain/lag/lane-progress.ts'

/** Every poll of the last minutes is kept for rates; further back a point each half minute is enough for ages. */
const FINE_MS = 300_000
const COARSE_STEP_MS = 30_000
export const HISTORY_MS = 3_600_000
/** An unchanged lane is still written about once a minute, so that "nothing changed" differs from "nobody looked". */
const WRITE_EVERY_MS = 45_000
/** Lanes differ by up to so much, so that they are not all due in the same cycle. */
const WRITE_SPREAD_MS = 30_000
/** Commits remembered beyond the samples, for groups that commit rarely. */
const KEPT_COMMITS = 8
/** A clock that runs away from the monotonic one by more than this was set. */
const CLOCK_JUMP_MS = 2_000

interface Lane {
  samples: LagSample[]
  written: LagSample | null
  incarnation: string | null
  /** When the position was seen to change, oldest first. */
  commitsAtMs: { atMs: number }[]
  readonly writeEveryMs: number
}

/** The poll history of one cluster in memory, and the decision what of it is worth a row. */
export interface LagHistory {
  /**
   * Says what time it is by both clocks before readings are added. When the wall clock was set meanwhile the history is
   * moved along, so that no standstill and no rate comes of it.
   */
  keepTime(atMs: number, monotonicMs: number): void
  /** Adds a reading; the answer is the row to write, or null when nothing changed and about a minute has not passed. */
  add(reading: LaneLag, atMs: number): NewLagSample | null
  samplesOf(group: string, destination: string, lane: string): readonly LagSample[]
  /** The median time between two commits, as far back as it is remembered; null when fewer than three were seen. */
  usualGapMs(group: string, destination: string, lane: string): number | null
  /** Forgets lanes that have not been read since `beforeMs`. */
  forget(beforeMs: number): void
}

export function createLagHistory(stored: readonly NewLagSample[]): LagHistory {
  const lanes = new Map<string, Lane>()
  let clock: { readonly atMs: number; readonly monotonicMs: number } | null = null
  const laneOf = (key: string): Lane => {
    const known = lanes.get(key)
    if (known !== undefined) return known
    const writeEveryMs = WRITE_EVERY_MS + ((lanes.size * 7_919) % WRITE_SPREAD_MS)
    const lane: Lane = { samples: [], written: null, incarnation: null, commitsAtMs: [], writeEveryMs }
    lanes.set(key, lane)
    return lane
  }
  for (const sample of stored) {
    const lane = laneOf(keyOf(sample.group, sample.destination, sample.lane))
    const { atMs, committed, end, start } = sample
    lane.written = { atMs, committed, end, start }
    remember(lane, lane.written)
  }
  return {
    keepTime(atMs, monotonicMs) {
      const jumpMs = clock === null ? 0 : atMs - clock.atMs - (monotonicMs - clock.monotonicMs)
      clock = { atMs, monotonicMs }
      if (Math.abs(jumpMs) > CLOCK_JUMP_MS) for (const lane of lanes.values()) moveInTime(lane, jumpMs)
    },
    add(reading, atMs) {
      const lane = laneOf(keyOf(reading.group, reading.destination, reading.lane))
      const sample = toSample(reading, atMs)
      if (lane.incarnation !== null && reading.incarnation !== undefined && reading.incarnation !== lane.incarnation) {
        lane.samples = []
        lane.commitsAtMs = []
      }
      lane.incarnation = reading.incarnation ?? lane.incarnation
      if (atMs <= (lane.samples.at(-1)?.atMs ?? 0)) return null
      remember(lane, sample)
      thin(lane.samples, atMs)
      const { written } = lane
      const isDue = written === null || !isSame(written, sample) || atMs - written.atMs >= lane.writeEveryMs
      if (!isDue) return null
      lane.written = sample
      return { group: reading.group, destination: reading.destination, lane: reading.lane, ...sample }
    },
    samplesOf: (group, destination, lane) => lanes.get(keyOf(group, destination, lane))?.samples ?? [],
    usualGapMs: (group, destination, lane) => medianGap(lanes.get(keyOf(group, destination, lane))?.commitsAtMs ?? []),
    forget(beforeMs) {
      for (const [key, lane] of lanes) if ((lane.samples.at(-1)?.atMs ?? 0) < beforeMs) lanes.delete(key)
    },
  }
}

const keyOf = (group: string, destination: string, lane: string): string => `${group}\u0000${destination}\u0000${lane}`

const toSample = ({ committed, end, start, stableEnd }: LaneLag, atMs: number): LagSample =>
  stableEnd === undefined ? { atMs, committed, end, start } : { atMs, committed, end, start, stableEnd }

const isSame = (a: LagSample, b: LagSample): boolean =>
  a.committed === b.committed && a.end === b.end && a.start === b.start && a.stableEnd === b.stableEnd

function moveInTime(lane: Lane, byMs: number): void {
  lane.samples = lane.samples.map((sample) => ({ ...sample, atMs: sample.atMs + byMs }))
  lane.commitsAtMs = lane.commitsAtMs.map(({ atMs }) => ({ atMs: atMs + byMs }))
  if (lane.written !== null) lane.written = { ...lane.written, atMs: lane.written.atMs + byMs }
}

function remember(lane: Lane, sample: LagSample): void {
  const before = lane.samples.at(-1)
  if (before !== undefined && before.committed !== sample.committed) {
    lane.commitsAtMs.push({ atMs: sample.atMs })
    if (lane.commitsAtMs.length > KEPT_COMMITS) lane.commitsAtMs.shift()
  }
  append(lane.samples, sample)
}

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
