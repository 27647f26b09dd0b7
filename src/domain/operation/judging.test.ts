import fc from 'fast-check'
import { expect, test } from 'vitest'
import { judgeOutcomes, judgeSends } from '#domain/operation/breaker.ts'
import { judgeCanary, type CanaryTally } from '#domain/operation/canary.ts'
import { decideOutcome, OUTCOME_LIMITS, type OutcomeEvidence } from '#domain/operation/outcome.ts'
import { batchSizeFor, reservePace } from '#domain/operation/pace.ts'
import { ITEM_OUTCOMES } from '#domain/operation/operation-state.ts'

const tally = (known: Partial<CanaryTally>): CanaryTally => ({
  processed: 0,
  failedAgain: 0,
  notSeen: 0,
  unknown: 0,
  failed: 0,
  ...known,
})

test('a canary goes on only when every message has been accounted for', () => {
  expect(judgeCanary(tally({ processed: 10 }))).toEqual({ verdict: 'go' })
  expect(judgeCanary(tally({ processed: 9, unknown: 1 }))).toEqual({ verdict: 'wait' })
  expect(judgeCanary(tally({ processed: 9, failedAgain: 1 }))).toEqual({ verdict: 'go' })
  expect(judgeCanary(tally({ processed: 8, failedAgain: 2 }))).toMatchObject({ verdict: 'stop' })
  expect(judgeCanary(tally({ processed: 5, failed: 2, unknown: 3 }))).toMatchObject({ verdict: 'stop' })
  expect(judgeCanary(tally({ processed: 9, notSeen: 1 }))).toMatchObject({ verdict: 'stop' })
  expect(judgeCanary(tally({ failedAgain: 1 }))).toMatchObject({
    verdict: 'stop',
    reason: 'canary: of 1 messages 1 failed again',
  })
})

test('no canary with more than a tenth of bad messages ever goes on', () => {
  const any = fc.record({
    processed: fc.nat(50),
    failedAgain: fc.nat(50),
    notSeen: fc.nat(50),
    unknown: fc.nat(50),
    failed: fc.nat(50),
  })
  fc.assert(
    fc.property(any, (known) => {
      const size = Object.values(known).reduce((total, count) => total + count, 0)
      const bad = known.failedAgain + known.failed
      return judgeCanary(known).verdict !== 'go' || (bad * 10 <= size && known.unknown === 0 && known.notSeen === 0)
    }),
  )
})

test('the breaker needs ten outcomes, and then a tenth of failures is the most', () => {
  expect(judgeOutcomes({ processed: 0, failedAgain: 9 })).toBeNull()
  expect(judgeOutcomes({ processed: 9, failedAgain: 1 })).toBeNull()
  expect(judgeOutcomes({ processed: 18, failedAgain: 3 })).toContain('3 failed again')
})

test('a destination that refuses most of the latest messages stops the operation', () => {
  const answers = (refused: number, confirmed: number) => [
    ...Array<'confirmed'>(confirmed).fill('confirmed'),
    ...Array<'refused'>(refused).fill('refused'),
  ]
  expect(judgeSends(answers(9, 0))).toBeNull()
  expect(judgeSends(answers(10, 10))).toBeNull()
  expect(judgeSends(answers(11, 10))).toContain('refused 11')
})

const silence: OutcomeEvidence = {
  goodDeliveries: 0,
  badDeliveries: 0,
  deliveredTo: null,
  committedBy: null,
  sinceConfirmMs: 0,
}

test('an outcome is unknown until something tells', () => {
  expect(decideOutcome('unknown', { ...silence, sinceConfirmMs: 59_999 })).toBeNull()
  expect(decideOutcome('unknown', { ...silence, sinceConfirmMs: 60_000 })).toMatchObject({ outcome: 'not-seen' })
  expect(decideOutcome('unknown', { ...silence, committedBy: 'g', sinceConfirmMs: 14_999 })).toBeNull()
  expect(decideOutcome('unknown', { ...silence, committedBy: 'g', sinceConfirmMs: 15_000 })).toEqual({
    outcome: 'processed',
    evidence: 'commit: g committed past it',
  })
})

test('a failure outweighs a commit, and a good delivery outweighs an earlier failure', () => {
  const failed = { ...silence, badDeliveries: 1, committedBy: 'g', sinceConfirmMs: 90_000 }
  expect(decideOutcome('unknown', failed)).toMatchObject({ outcome: 'failed-again' })
  expect(decideOutcome('failed-again', { ...failed, goodDeliveries: 1 })).toMatchObject({ outcome: 'processed' })
  expect(decideOutcome('not-seen', { ...silence, goodDeliveries: 1 })).toMatchObject({ outcome: 'processed' })
})

test('silence never turns a known outcome into another, and never into success', () => {
  const quiet = fc.record({ outcome: fc.constantFrom(...ITEM_OUTCOMES), sinceConfirmMs: fc.nat(1_000_000) })
  fc.assert(
    fc.property(quiet, ({ outcome, sinceConfirmMs }) => {
      const decided = decideOutcome(outcome, { ...silence, sinceConfirmMs }, OUTCOME_LIMITS)
      return decided === null || (outcome === 'unknown' && decided.outcome === 'not-seen')
    }),
  )
})

test('whatever the pauses in between, no window of a second gets more than 1.1 times the cap', () => {
  const steps = fc.array(
    fc.record({ idleMs: fc.integer({ min: 0, max: 3_000 }), share: fc.double({ min: 0.01, max: 1, noNaN: true }) }),
    {
      minLength: 1,
      maxLength: 200,
    },
  )
  fc.assert(
    fc.property(fc.integer({ min: 20, max: 5_000 }), steps, (rate, schedule) => {
      const largest = batchSizeFor(rate, 500)
      let nowMs = 0
      let pacedUntilMs = 0
      const sends: { atMs: number; count: number }[] = []
      for (const { idleMs, share } of schedule) {
        nowMs += idleMs
        const count = Math.max(1, Math.floor(share * largest))
        const reserved = reservePace(pacedUntilMs, count, rate, nowMs)
        nowMs += reserved.waitMs
        pacedUntilMs = reserved.nextPacedUntilMs
        sends.push({ atMs: nowMs, count })
      }
      return sends.every(({ atMs }) => {
        const window = sends.filter((send) => send.atMs >= atMs && send.atMs < atMs + 1_000)
        return window.reduce((total, send) => total + send.count, 0) <= rate * 1.1 + 1
      })
    }),
  )
})
