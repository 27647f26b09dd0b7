import { expect, test } from 'vitest'
import { estimateTimeBehind } from '#domain/lag/time-behind.ts'
import type { LagSample } from '#domain/lag/lag-status.ts'
import { evaluateLanes, series, STEP_MS } from '#domain/lag/test-lag.ts'

/** Repeatable randomness (mulberry32): the same histories in every run. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Poisson counts; of large means by the normal that they become. */
function poisson(mean: number, random: () => number): number {
  if (mean > 60) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal))
  }
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = random(); product > limit; product *= random()) count += 1
  return count
}

interface Traffic {
  readonly arrivalPerSecond: number
  readonly takenPerSecond: number
  readonly backlog: number
  /** Polls between two commits. */
  readonly commitEvery?: number
}

/** One lane that works off its backlog: readings until it is empty, and when that is. */
function liveThrough(traffic: Traffic, seed: number): { readonly samples: LagSample[]; readonly emptyAtMs: number } {
  const random = randomOf(seed)
  const samples: LagSample[] = []
  let [end, read, committed] = [traffic.backlog, 0, 0]
  for (let poll = 0; ; poll += 1) {
    if (poll % (traffic.commitEvery ?? 1) === 0) committed = read
    samples.push({ atMs: poll * STEP_MS, committed, end, start: 0 })
    if (read >= end || poll > 5_000) return { samples, emptyAtMs: poll * STEP_MS }
    end += poisson(traffic.arrivalPerSecond * (STEP_MS / 1_000), random)
    read = Math.min(end, read + poisson(traffic.takenPerSecond * (STEP_MS / 1_000), random))
  }
}

/** How often the truth lay in the band, over many histories and moments; and how often there was one at all. */
function backtest(traffic: Traffic, histories: number, atShare: number) {
  let [inBand, forecasts, never] = [0, 0, 0]
  for (let seed = 1; seed <= histories; seed += 1) {
    const { samples, emptyAtMs } = liveThrough(traffic, seed)
    const known = samples.slice(0, Math.max(8, Math.floor(samples.length * atShare)))
    const verdict = evaluateLanes([known])
    if (verdict.drainsLowMs === null || verdict.drainsHighMs === null) never += 1
    else {
      const truthMs = emptyAtMs - (known.at(-1)?.atMs ?? 0)
      forecasts += 1
      // A poll sees the end up to a step late.
      if (truthMs >= verdict.drainsLowMs && truthMs - STEP_MS <= verdict.drainsHighMs) inBand += 1
    }
  }
  return { coverage: inBand / forecasts, forecasts, never }
}

test.each([
  ['a fast group that works off an hour of backlog', { arrivalPerSecond: 20, takenPerSecond: 30, backlog: 6_000 }, 0.5],
  ['a slow one', { arrivalPerSecond: 1, takenPerSecond: 1.6, backlog: 400 }, 0.5],
  ['one that has just begun', { arrivalPerSecond: 20, takenPerSecond: 30, backlog: 6_000 }, 0.2],
  ['one with nearly nothing left', { arrivalPerSecond: 20, takenPerSecond: 24, backlog: 2_000 }, 0.8],
  [
    'commits of half a minute at once',
    { arrivalPerSecond: 20, takenPerSecond: 30, backlog: 9_000, commitEvery: 6 },
    0.5,
  ],
  ['an idle producer', { arrivalPerSecond: 0, takenPerSecond: 10, backlog: 5_000 }, 0.5],
] as const)('the truth lies in the band four times out of five: %s', (title, traffic, atShare) => {
  const { coverage, forecasts } = backtest(traffic, 600, atShare)
  if (process.env['SHOW_BACKTEST'] !== undefined) process.stdout.write(`${title}: ${coverage} of ${forecasts}\n`)
  expect(forecasts).toBeGreaterThan(500)
  expect(coverage).toBeGreaterThanOrEqual(0.7)
  expect(coverage).toBeLessThanOrEqual(0.9)
})

test('a group that does not keep up never gets a finite time', () => {
  let finite = 0
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = randomOf(seed)
    let [end, committed] = [1_000, 0]
    const samples = series(60, () => {
      end += poisson(100, random)
      committed += poisson(80, random)
      return [committed, end]
    })
    if (evaluateLanes([samples]).drainsInMs !== null) finite += 1
  }
  expect(finite).toBe(0)
})

test('one that only just keeps up is not promised a time: five of a hundred at most', () => {
  let finite = 0
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = randomOf(seed)
    let [end, committed] = [5_000, 0]
    const samples = series(60, () => {
      end += poisson(100, random)
      committed += poisson(100, random)
      return [committed, end]
    })
    if (evaluateLanes([samples]).drainsInMs !== null) finite += 1
  }
  // A band of four out of five leaves one in ten on either side.
  expect(finite / 300).toBeLessThanOrEqual(0.15)
})

test('on linear traffic the forecast is off by less than 5 % once five readings exist', () => {
  for (const [arrivals, taken, backlog] of [
    [10, 30, 10_000],
    [0, 7, 3_000],
    [500, 520, 40_000],
  ] as const) {
    const samples = series(5, (poll) => [poll * taken * 5, backlog + poll * arrivals * 5])
    const truthMs = ((backlog - 4 * 5 * (taken - arrivals)) / (taken - arrivals)) * 1_000
    const { drainsInMs, drainsLowMs, drainsHighMs } = evaluateLanes([samples])
    expect(Math.abs((drainsInMs ?? 0) - truthMs) / truthMs).toBeLessThan(0.05)
    expect(drainsLowMs).toBeCloseTo(truthMs, -2)
    expect(drainsHighMs).toBeCloseTo(truthMs, -2)
  }
})

test.each([
  ['flat', series(60, () => [100, 600])],
  ['idle and read to the end', series(60, () => [600, 600])],
  ['reset', series(60, (poll) => (poll < 50 ? [poll * 10, 9_000] : [0, (poll - 49) * 10]))],
  ['truncated', series(60, (poll) => [100, 5_000, poll < 30 ? 0 : 4_000])],
])('a history that is %s gets no finite time that would be wrong', (_title, samples) => {
  const { drainsInMs } = evaluateLanes([samples])
  expect(drainsInMs === null || drainsInMs === 0).toBe(true)
})

test('the age by positions lies within its own bound on uneven traffic, always', () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const random = randomOf(seed)
    const appendedAtMs: number[] = []
    const samples: LagSample[] = []
    for (let poll = 0; poll < 120; poll += 1) {
      const count = random() < 0.3 ? 0 : poisson(random() * 60, random)
      const times = Array.from({ length: count }, () => (poll - 1 + random()) * STEP_MS).toSorted((a, b) => a - b)
      appendedAtMs.push(...times)
      samples.push({ atMs: poll * STEP_MS, committed: 0, end: appendedAtMs.length, start: 0 })
    }
    const nowMs = samples.at(-1)?.atMs ?? 0
    const first = samples[0]?.end ?? 0
    for (let position = first; position < appendedAtMs.length; position += 97) {
      const estimate = estimateTimeBehind(samples, position, nowMs)
      const truthMs = nowMs - (appendedAtMs[position] ?? 0)
      expect(Math.abs((estimate?.ms ?? 0) - truthMs)).toBeLessThanOrEqual((estimate?.errorMs ?? 0) + 1e-6)
    }
  }
})
