import { expect, test } from 'vitest'
import type { LagSample } from '#domain/lag/lag-status.ts'
import { evaluateLanes, laneReading, series, STEP_MS } from '#domain/lag/test-lag.ts'

/** Behaviour that lag tools are known to get wrong, one test per case. */
const stalled = series(200, (poll) => [Math.min(poll, 32) * 100, poll * 100])

test('committed before the log start: lag counts from the start, and what was lost is told apart', () => {
  expect(evaluateLanes([series(30, () => [100, 5_000, 1_304])])).toMatchObject({
    state: 'DATA_LOSS',
    lagMessages: 3_696,
    lostMessages: 1_204,
  })
})

test('a compacted topic: the count is said to be an upper bound, the age still comes from positions over time', () => {
  const verdict = evaluateLanes([series(60, (poll) => [poll * 40, poll * 100])], { isCompacted: true })
  expect(verdict).toMatchObject({ isApproximate: true, timeBehindMethod: 'positions' })
  expect(verdict.sentence).toMatch(/^Up to 3,540 messages behind/)
})

test('an open transaction: the group that stands before it is told what holds it, since when', () => {
  const blocked = series(60, (poll) => [Math.min(poll * 100, 2_000), poll * 100 + 1]).map((sample): LagSample => ({
    ...sample,
    stableEnd: Math.min(sample.end, 2_000),
  }))
  const verdict = evaluateLanes([blocked])
  expect(verdict.state).toBe('STALLED')
  expect(verdict.lanes[0]?.blockedSinceMs).toBe(20 * STEP_MS)
  expect(verdict.sentence).toContain('an open transaction holds back what follows since 3 m 15 s')
})

test('control records at the end of a transaction are no lag, a message there is', () => {
  const behindByOne = series(60, () => [999, 1_000])
  expect(evaluateLanes([laneReading(behindByOne, { phantomMessages: 1 })])).toMatchObject({
    state: 'OK',
    lagMessages: 1,
    timeBehindMs: 0,
    drainOutlook: 'done',
  })
  expect(evaluateLanes([behindByOne]).state).toBe('STALLED')
})

test('never committed: no lag but a range, and the lane is counted instead of summed', () => {
  expect(evaluateLanes([series(30, () => [null, 500, 100])])).toMatchObject({ state: 'NO_COMMIT', lagMessages: null })
  const mixed = evaluateLanes([series(30, () => [500, 500]), series(30, () => [null, 40])])
  expect(mixed).toMatchObject({ state: 'OK', lagMessages: 0 })
  expect(mixed.sentence).toContain('none yet on 1 of 2 lanes')
})

test('idle with nothing waiting: OK for ever, though nothing is committed', () => {
  expect(evaluateLanes([series(700, () => [500, 500])])).toMatchObject({ state: 'OK', drainPerSecond: 0 })
})

test('idle with an old message waiting: the age grows with the clock, with its bound', () => {
  const idle = series(100, (poll) => [100, poll < 10 ? 100 : 150])
  const early = evaluateLanes([idle.slice(0, 60)])
  const late = evaluateLanes([idle])
  expect((late.timeBehindMs ?? 0) - (early.timeBehindMs ?? 0)).toBeCloseTo(40 * STEP_MS, -1)
  expect(late.timeBehindErrorMs).toBeLessThanOrEqual(STEP_MS)
})

test('a rebalance holds the verdict for a minute or two usual gaps, and never hides a loss', () => {
  const ago = (ms: number) => ({ groupState: 'rebalancing' as const, rebalancingSinceMs: 199 * STEP_MS - ms })
  expect(evaluateLanes([stalled], ago(59_000)).state).toBe('REBALANCING')
  expect(evaluateLanes([stalled], ago(61_000)).state).toBe('STALLED')
  const slow = laneReading(stalled, { usualGapMs: 100_000 })
  expect(evaluateLanes([slow], ago(199_000)).state).toBe('REBALANCING')
  expect(evaluateLanes([series(30, () => [1, 50, 9])], ago(1_000)).state).toBe('DATA_LOSS')
})

test('a step back that is made good is OK, and the work that was done twice is counted', () => {
  const recovered = series(60, (poll) => [poll < 30 ? poll * 100 : 2_000 + (poll - 30) * 300, 12_000])
  const verdict = evaluateLanes([recovered])
  expect(verdict.state).toBe('OK')
  expect(verdict.lanes[0]).toMatchObject({ rewoundBy: 0, repeatedMessages: 900 })
})

test('a step back that somebody asked for is expected, with the reason', () => {
  const back = series(35, (poll) => [poll < 30 ? poll * 100 : (poll - 20) * 100, 5_000 + poll])
  const asked = evaluateLanes([back], { rewoundBecause: 'reset by Ada: double posting' })
  expect(asked).toMatchObject({ state: 'REWOUND', isExpected: true })
  expect(asked.sentence).toContain('on purpose (reset by Ada: double posting)')
  expect(evaluateLanes([back])).toMatchObject({ state: 'REWOUND', isExpected: false })
})

test('a new group warms up until three commits, a minute or two usual gaps have passed', () => {
  expect(evaluateLanes([series(2, (poll) => [poll, 500])]).state).toBe('WARMING')
  expect(evaluateLanes([series(3, (poll) => [poll, 500])]).state).not.toBe('WARMING')
  expect(evaluateLanes([series(12, () => [10, 500])]).state).toBe('WARMING')
  expect(evaluateLanes([series(14, () => [10, 500])]).state).not.toBe('WARMING')
  expect(
    evaluateLanes([
      laneReading(
        series(14, () => [10, 500]),
        { usualGapMs: 60_000 },
      ),
    ]).state,
  ).toBe('WARMING')
})

test('a topic made anew: what was read of the old one does not count', () => {
  const anew = series(40, (poll) => [poll < 20 ? poll * 100 : 0, poll < 20 ? poll * 100 : (poll - 20) * 50])
  expect(evaluateLanes([anew])).toMatchObject({ state: 'STALLED', lagMessages: 950, lostMessages: 0 })
})

test('a position past the end is not "caught up" but unknown, and why', () => {
  const verdict = evaluateLanes([series(20, () => [900, 40])])
  expect(verdict).toMatchObject({ state: 'UNKNOWN', lagMessages: null })
  expect(verdict.sentence).toContain('past the end')
})

test('added partitions: the group is judged by the lanes with a position, the new ones are counted', () => {
  const verdict = evaluateLanes([series(30, (poll) => [poll * 100, poll * 100]), series(1, () => [null, 12])])
  expect(verdict).toMatchObject({ state: 'OK', lagMessages: 0 })
  expect(verdict.sentence).toContain('none yet on 1 of 2 lanes')
})

test('a lane without a leader is unknown, never 0, and the others are still said', () => {
  const silent = laneReading(
    series(20, () => [10, 500]),
    { unreadableBecause: 'it has no leader' },
  )
  const verdict = evaluateLanes([series(20, () => [500, 500]), silent])
  expect(verdict).toMatchObject({ state: 'UNKNOWN', lagMessages: 0 })
  expect(verdict.lanes[1]).toMatchObject({ state: 'UNKNOWN', lagMessages: null, timeBehindMs: null })
  expect(verdict.sentence).toBe('1 of 2 lanes are not known: it has no leader; on the others 0 messages behind.')
  expect(evaluateLanes([silent, stalled]).state).toBe('STALLED')
})

test('commits rarer than polls: stopped only after three of the usual gaps, also those that a longer memory knows', () => {
  const flink = series(300, (poll) => [Math.floor(poll / 60) * 6_000, poll * 100])
  for (let polls = 240; polls <= 300; polls += 1) {
    expect(['STOPPED', 'STALLED']).not.toContain(evaluateLanes([flink.slice(0, polls)]).state)
  }
  const silent = series(300, (poll) => [poll < 2 ? poll : 2, poll * 100])
  expect(evaluateLanes([laneReading(silent, { usualGapMs: 600_000 })]).state).not.toBe('STALLED')
  expect(evaluateLanes([laneReading(silent, { usualGapMs: 400_000 })]).state).toBe('STALLED')
})

test('a commit younger than the end is not compared with it: no lag of 0 by a stale end', () => {
  const stale = series(60, (poll) => [poll * 40, poll * 100])
  const newest: LagSample = {
    atMs: 60 * STEP_MS,
    committedAtMs: 60 * STEP_MS + 4_000,
    committed: 6_100,
    end: 6_000,
    start: 0,
  }
  expect(evaluateLanes([[...stale, newest]])).toMatchObject({ state: 'LAGGING', lagMessages: 3_540 })
})

test('a destination that the group no longer reads is orphaned, while the group itself is stable', () => {
  const left = series(100, (poll) => [100, 100 + poll])
  expect(evaluateLanes([left], { isOwned: false }).state).toBe('ORPHANED')
  expect(evaluateLanes([left], { isOwned: false, groupState: 'empty', memberCount: 0 }).state).toBe('STOPPED')
})

test('paused by us: neither stalled nor stopped, and when loss begins is still said', () => {
  const verdict = evaluateLanes([stalled], { pausedBecause: 'by Ada until 14:00', retentionMs: 3_600_000 })
  expect(verdict).toMatchObject({ state: 'PAUSED', isExpected: true })
  expect(verdict.firstLossInMs).not.toBeNull()
})

test('a clock that went back does not make times negative', () => {
  const verdict = evaluateLanes([stalled], { nowMs: 100 * STEP_MS })
  for (const ms of [verdict.timeBehindMs, verdict.firstLossInMs, verdict.drainsInMs]) {
    expect(ms === null || ms >= 0).toBe(true)
  }
  expect(verdict.sentence).not.toMatch(/-\d|NaN/)
})

test('a lag that may or may not grow is not called keeping up', () => {
  const jumpy = series(60, (poll) => [poll * 90, poll * 100 + (poll % 12 < 6 ? 4_000 : 0)])
  const verdict = evaluateLanes([jumpy.slice(0, 20)])
  expect(verdict.sentence).not.toMatch(/^Keeping up.*growing/)
})

test('a queue is spoken of as a queue: nothing was taken, and messages expire', () => {
  const verdict = evaluateLanes([laneReading(stalled, { oldestAgeMs: 840_000 })], {
    progress: 'removals',
    memberCount: null,
    groupState: 'unknown',
    retentionMs: 3_600_000,
  })
  expect(verdict).toMatchObject({ state: 'STOPPED', lossCause: 'ttl', timeBehindMethod: 'broker' })
  expect(verdict.sentence).toBe(
    'Nothing was taken for 13 m (usually every 5.0 s) while 16,700 messages came in; who works on it is written down nowhere. The first of them expires in 46 m.',
  )
  expect(verdict.sentence).not.toMatch(/commit|retention/i)
})

test('the readings that prove a standstill are its last, its first and the one before', () => {
  const { proof } = evaluateLanes([stalled])
  expect(proof[0]).toMatchObject({ lane: '0', committed: 3_200, end: 19_900, lagMessages: 16_700 })
  expect(proof.map(({ atMs }) => atMs)).toContain(32 * STEP_MS)
  expect(proof.map(({ committed }) => committed)).toContain(3_100)
  expect(proof.length).toBeLessThanOrEqual(6)
})
