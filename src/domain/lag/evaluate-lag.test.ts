import fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluateLanes as evaluate, laneReading, series, STEP_MS } from '#domain/lag/test-lag.ts'

test('a group that read everything is OK, however long nothing was committed', () => {
  expect(evaluate([series(200, () => [500, 500])])).toMatchObject({
    state: 'OK',
    lagMessages: 0,
    timeBehindMs: 0,
    sentence: 'Caught up.',
  })
})

test('a group that keeps up with a steady stream is OK', () => {
  const verdict = evaluate([series(60, (poll) => [poll * 100 - 4, poll * 100])])
  expect(verdict).toMatchObject({ state: 'OK', lagMessages: 4 })
  expect(verdict.timeBehindMs).toBeLessThan(1_000)
})

test('a group that reads more slowly than messages arrive is lagging, with time behind and rate to prove it', () => {
  const verdict = evaluate([series(60, (poll) => [poll * 40, poll * 100])], { retentionMs: 3_600_000 })
  expect(verdict).toMatchObject({ state: 'LAGGING', lagMessages: 59 * 60, drainsInMs: null })
  expect(verdict.drainPerSecond).toBeCloseTo(-12, 5)
  // The message at position 2,360 was appended 177 s before the last poll.
  expect(Math.abs(verdict.timeBehindMs! - 177_000)).toBeLessThanOrEqual(verdict.timeBehindErrorMs!)
  // Age grows by 0.6 s per second, 3,423 s are left.
  expect(verdict.firstLossInMs! / 1_000).toBeCloseTo((3_600 - 177) / 0.6, -1)
  expect(verdict.sentence).toMatch(
    /^3,540 messages behind \(2 m 57 s\) and growing by 12\/s; 3 members connected\. Retention takes/,
  )
})

test('a group that catches up is OK and says when it is done', () => {
  const verdict = evaluate([series(60, (poll) => [poll * 100, 6_000 + poll * 50])])
  expect(verdict.state).toBe('OK')
  expect(verdict).toMatchObject({ drainOutlook: 'draining' })
  expect(verdict.drainPerSecond).toBeCloseTo(10, 5)
  expect(verdict.drainsInMs! / 1_000).toBeCloseTo((6_000 - 59 * 50) / 10, 0)
})

test.each([
  ['members connected', 3, 'STALLED', '3 members connected'],
  ['nobody connected', 0, 'STOPPED', 'nobody is connected'],
  ['members that nobody knows', null, 'STOPPED', 'whether anybody is connected is not known'],
] as const)('no commit for long with %s', (_title, memberCount, state, words) => {
  const verdict = evaluate([series(200, (poll) => [Math.min(poll, 32) * 100, poll * 100])], { memberCount })
  expect(verdict.state).toBe(state)
  expect(verdict.sentence).toContain('No commit for 13 m (usually every 5.0 s) while 16,700 messages came in')
  expect(verdict.sentence).toContain(words)
})

test('a standstill that began before the first reading is called "at least"', () => {
  expect(evaluate([series(20, (poll) => [100, 200 + poll])]).sentence).toContain('No commit for at least 1 m 35 s')
})

test('a consumer that commits once a minute is not called stopped between two commits', () => {
  const rare = (poll: number) => [Math.floor(poll / 24) * 2_400, poll * 100] as const
  for (let polls = 100; polls < 150; polls += 1) {
    expect(['STOPPED', 'STALLED']).not.toContain(evaluate([series(polls, rare)]).state)
  }
})

test('a new group is warming, not stopped, after one or two readings', () => {
  expect(evaluate([series(1, () => [10, 500])])).toMatchObject({
    state: 'WARMING',
    timeBehindMs: null,
    drainPerSecond: null,
  })
  expect(evaluate([series(2, () => [10, 500])]).state).toBe('WARMING')
})

test('messages that retention took are loss: lag counts from the log start, and nothing explains it away', () => {
  const verdict = evaluate([series(10, () => [100, 5_000, 1_304])], {
    pausedBecause: 'on-call',
    rebalancingSinceMs: 40_000,
  })
  expect(verdict).toMatchObject({ state: 'DATA_LOSS', lagMessages: 3_696, lostMessages: 1_204 })
  expect(verdict.sentence).toContain('1,204 messages were deleted')
})

test('a group that never committed has no lag, only what may wait', () => {
  expect(evaluate([series(10, () => [null, 500, 100])])).toMatchObject({
    state: 'NO_COMMIT',
    lagMessages: null,
    timeBehindMs: null,
    sentence: 'The broker knows no position of it yet; up to 400 messages may be waiting.',
  })
})

test('a lane without a commit does not hide what the others say, and is counted', () => {
  expect(evaluate([series(10, () => [500, 500]), series(10, () => [null, 40])])).toMatchObject({
    state: 'OK',
    lagMessages: 0,
    sentence: 'Caught up where it has a position; it has none yet on 1 of 2 lanes.',
  })
})

test('a step back that is not made good is a rewind; one that is, is not', () => {
  const back = (poll: number) => [poll < 30 ? poll * 100 : (poll - 20) * 100, 5_000 + poll] as const
  expect(evaluate([series(35, back)])).toMatchObject({ state: 'REWOUND' })
  expect(evaluate([series(60, (poll) => [poll < 30 ? poll * 100 : (poll - 20) * 100, poll * 100])]).state).not.toBe(
    'DATA_LOSS',
  )
  const recovered = series(60, (poll) => [poll < 30 ? poll * 100 : 2_000 + (poll - 30) * 300, 12_000])
  expect(evaluate([recovered]).state).toBe('OK')
})

test('every rewind counts, not only the first one', () => {
  const twice = series(40, (poll) => [
    poll < 10 ? 1_000 : poll < 11 ? 500 : poll < 30 ? 2_000 + poll : 100 + poll,
    9_000,
  ])
  expect(evaluate([twice]).state).toBe('REWOUND')
})

test('a rebalance holds the verdict for a while, not for ever', () => {
  const stalled = [series(200, (poll) => [Math.min(poll, 32) * 100, poll * 100])]
  expect(evaluate(stalled, { groupState: 'rebalancing', rebalancingSinceMs: 199 * STEP_MS - 20_000 }).state).toBe(
    'REBALANCING',
  )
  expect(evaluate(stalled, { groupState: 'rebalancing', rebalancingSinceMs: 100 * STEP_MS }).state).toBe('STALLED')
})

test('a destination that no member reads any more is orphaned', () => {
  expect(evaluate([series(100, (poll) => [100, 100 + poll])], { isOwned: false }).state).toBe('ORPHANED')
  expect(evaluate([series(100, (poll) => [100, 100 + poll])], { isOwned: null }).state).toBe('STALLED')
})

test('a planned pause explains a standstill and still shows when loss begins', () => {
  const verdict = evaluate([series(200, (poll) => [1_000, 1_000 + poll])], {
    pausedBecause: 'by on-call, "fix"',
    retentionMs: 3_600_000,
  })
  expect(verdict.state).toBe('PAUSED')
  expect(verdict.firstLossInMs! / 60_000).toBeCloseTo(43.4, 0)
})

test('what could not be read is unknown, with the reason', () => {
  expect(evaluate([[]], { unreadableBecause: 'not authorised' })).toMatchObject({
    state: 'UNKNOWN',
    lagMessages: null,
    sentence: 'Not known: not authorised.',
  })
})

test('a lane made anew starts a new history instead of a wrong one', () => {
  const anew = series(40, (poll) => [
    poll < 20 ? poll * 100 : (poll - 20) * 50,
    poll < 20 ? poll * 100 : (poll - 20) * 50,
  ])
  expect(evaluate([anew])).toMatchObject({ state: 'OK', lagMessages: 0, lostMessages: 0 })
})

test('with an idle producer the age grows with the clock and stays bounded by what the polls prove', () => {
  const idle = series(100, (poll) => [100, poll < 10 ? 100 : 150])
  const verdict = evaluate([idle])
  expect(verdict.timeBehindMs! / 1_000).toBeCloseTo((99 - 9) * 5, 0)
  expect(verdict.timeBehindErrorMs).toBeLessThanOrEqual(STEP_MS)
  const older = evaluate([series(100, () => [100, 5_000])])
  expect(older).toMatchObject({ timeBehindMs: 99 * STEP_MS, timeBehindErrorMs: null })
  expect(older.sentence).toContain('No commit for at least')
})

test("the broker's own age wins over the history", () => {
  expect(
    evaluate([
      laneReading(
        series(10, () => [5, 50]),
        { oldestAgeMs: 123_456 },
      ),
    ]),
  ).toMatchObject({
    timeBehindMs: 123_456,
    timeBehindErrorMs: 0,
  })
})

test('the slowest lane decides when a group is done, and one that does not drain means never', () => {
  const fast = series(60, (poll) => [poll * 100, 6_000])
  const slow = series(60, (poll) => [poll * 20, 6_000])
  const never = series(60, (poll) => [poll * 20, 6_000 + poll * 100])
  expect(evaluate([fast, slow]).drainsInMs! / 1_000).toBeCloseTo((6_000 - 59 * 20) / 4, 0)
  expect(evaluate([fast, never])).toMatchObject({ drainOutlook: 'never', drainsInMs: null, drainsHighMs: null })
})

test('on any history no figure is negative, infinite or not a number', () => {
  const sample = fc.record({
    committed: fc.option(fc.integer({ min: 0, max: 10_000 }), { nil: null }),
    end: fc.integer({ min: 0, max: 10_000 }),
    start: fc.integer({ min: 0, max: 10_000 }),
  })
  fc.assert(
    fc.property(
      fc.array(fc.array(sample, { maxLength: 12 }), { maxLength: 3 }),
      fc.integer({ min: 0, max: 100_000 }),
      (lanes, waitMs) => {
        const timed = lanes.map((samples) =>
          samples.map((one, poll) => ({ ...one, end: Math.max(one.end, one.start), atMs: poll * STEP_MS })),
        )
        const verdict = evaluate(timed.length === 0 ? [[]] : timed, { nowMs: 60_000 + waitMs, retentionMs: 600_000 })
        const figures = [
          verdict.lagMessages,
          verdict.lostMessages,
          verdict.timeBehindMs,
          verdict.timeBehindErrorMs,
          verdict.drainsInMs,
          verdict.firstLossInMs,
          verdict.drainsLowMs,
          verdict.drainsHighMs,
          verdict.lossIfStoppedInMs,
        ]
        for (const figure of figures) expect(figure === null || (Number.isFinite(figure) && figure >= 0)).toBe(true)
        expect(verdict.sentence).not.toMatch(/NaN|Infinity|undefined|null/)
      },
    ),
  )
})
