import { expect, test } from 'vitest'
import type { LaneLag } from '#brokers/broker.ts'
import { createLagHistory } from '#collector/poll/lag-history.ts'

const START_MS = 1_700_000_000_000
const STEP_MS = 5_000
const lane = (part: Partial<LaneLag> = {}): LaneLag => ({
  group: 'g',
  destination: 'd',
  lane: '0',
  committed: 5,
  start: 0,
  end: 10,
  oldestAgeMs: null,
  ...part,
})
const samples = (history: ReturnType<typeof createLagHistory>) => history.samplesOf('g', 'd', '0')

test.each([
  ['forward', 3_600_000],
  ['back', -3_600_000],
])('a clock that is set %s moves the history along: polls stay five seconds apart', (_title, jumpMs) => {
  const history = createLagHistory([])
  for (let poll = 0; poll < 10; poll += 1) {
    const atMs = START_MS + poll * STEP_MS + (poll >= 5 ? jumpMs : 0)
    history.keepTime(atMs, poll * STEP_MS)
    history.add(lane({ end: 10 + poll }), atMs)
  }
  const times = samples(history).map(({ atMs }) => atMs)
  expect(times).toHaveLength(10)
  expect(times.slice(1).map((atMs, index) => atMs - times[index]!)).toEqual(Array.from({ length: 9 }, () => STEP_MS))
  expect(times.at(-1)).toBe(START_MS + 9 * STEP_MS + jumpMs)
})

test('a topic made anew between two polls has a new history, though its end is further than the old one', () => {
  const history = createLagHistory([])
  history.add(lane({ incarnation: 'a', committed: 90, end: 100 }), START_MS)
  history.add(lane({ incarnation: 'a', committed: 95, end: 101 }), START_MS + STEP_MS)
  history.add(lane({ incarnation: 'b', committed: 7, end: 500 }), START_MS + 2 * STEP_MS)
  expect(samples(history).map(({ end }) => end)).toEqual([500])
})

test('unchanged lanes are written again about every minute, and not all in the same cycle', () => {
  const history = createLagHistory([])
  const writtenAt = new Map<string, number[]>()
  for (let poll = 0; poll * STEP_MS < 300_000; poll += 1) {
    for (let index = 0; index < 100; index += 1) {
      const row = history.add(lane({ lane: String(index) }), START_MS + poll * STEP_MS)
      if (row !== null) writtenAt.set(row.lane, [...(writtenAt.get(row.lane) ?? []), poll])
    }
  }
  for (const polls of writtenAt.values()) {
    const gaps = polls.slice(1).map((poll, index) => (poll - polls[index]!) * STEP_MS)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(45_000)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(80_000)
  }
  const seconds = [...writtenAt.values()].map((polls) => polls[1])
  expect(new Set(seconds).size).toBeGreaterThan(4)
})

test('the usual gap between commits is remembered beyond the hour that readings are', () => {
  const history = createLagHistory([])
  for (let poll = 0; poll <= 6 * 720; poll += 1) {
    const atMs = START_MS + poll * STEP_MS
    history.add(lane({ committed: Math.floor(poll / 720), end: 1_000 + poll }), atMs)
  }
  expect(samples(history)[0]!.atMs).toBeGreaterThanOrEqual(START_MS + 5 * 3_600_000)
  expect(history.usualGapMs('g', 'd', '0')).toBe(3_600_000)
})
