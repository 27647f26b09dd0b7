import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  adaptRate,
  beginYielding,
  FLOOR_SHARE,
  type YieldDecision,
  type YieldState,
} from '#domain/operation/yield-rate.ts'

const CAP = 1_000
const SEED = Number(process.env['YIELD_SEED'] ?? Date.now() % 1_000_000)
const lag = (lagMessages: number) => [{ group: 'payments', destination: 'orders', lagMessages }]

function look(state: YieldState, lagMessages: number | null, pushback: string | null = null): YieldDecision {
  return adaptRate(state, { capPerSecond: CAP, lags: lagMessages === null ? [] : lag(lagMessages), pushback })
}

function walk(lags: readonly number[], from = beginYielding(CAP)): YieldDecision {
  return lags.reduce<YieldDecision>((decision, at) => look(decision.state, at), {
    state: from,
    reason: null,
    trip: null,
  })
}

/** The usual lag, for as long as it takes to know it. */
const settled = (lagMessages: number): readonly number[] => Array.from({ length: 4 }, () => lagMessages)

test('a group that falls behind halves the rate look by look, and the sentence says who and by how much', () => {
  const decision = walk([...settled(500), 3_000, 4_000])
  expect(decision.state.ratePerSecond).toBe(CAP / 4)
  expect(decision.reason).toBe('payments on orders falls behind (4,000 messages, 3,500 more than at the start)')
})

test('a lag that was there before, or that copies on their way explain, costs nothing', () => {
  expect(walk([...settled(90_000), 100_000, 120_000]).state.ratePerSecond).toBe(CAP)
  expect(walk([...settled(0), 1_000, 1_900]).reason).toBeNull()
})

test('the rate stays while the lag drains, and comes back to the cap by tenths once half is made up for', () => {
  const slow = walk([...settled(0), 5_000, 6_000, 7_000])
  const draining = look(slow.state, 5_000)
  expect(draining.state.ratePerSecond).toBe(slow.state.ratePerSecond)
  expect(draining.reason).toBe('payments on orders catches up (5,000 messages, 5,000 more than at the start)')
  const recovering = look(draining.state, 3_000)
  expect(recovering.state.ratePerSecond).toBe(slow.state.ratePerSecond + CAP / 10)
  const back = walk(
    Array.from({ length: 9 }, () => 10),
    recovering.state,
  )
  expect(back).toMatchObject({ reason: null, state: { ratePerSecond: CAP } })
})

test('a lag that rises between two commits and falls with each of them is no falling behind', () => {
  const sawTooth = Array.from({ length: 60 }, (_, at) => 4_000 * (at % 3))
  expect(walk(sawTooth)).toMatchObject({ reason: null, state: { ratePerSecond: CAP } })
})

test('a destination that turns messages away is yielded to as well', () => {
  expect(look(beginYielding(CAP), null, 'orders turns messages away')).toMatchObject({
    reason: 'orders turns messages away',
    state: { ratePerSecond: CAP / 2 },
  })
})

test('yielding in vain at the lowest rate stops the operation, and one good look in between does not', () => {
  const growing = [...settled(0), ...Array.from({ length: 12 }, (_, at) => 5_000 * at)]
  const decision = walk(growing)
  expect(decision.trip).toMatch(/^breaker: payments on orders falls behind .* and yielding does not help$/)
  const interrupted = walk([...growing.slice(0, 12), 0, ...growing.slice(12, 14)])
  expect(interrupted.trip).toBeNull()
})

test(`whatever the lag does, the rate stays between a twentieth of the cap and the cap (YIELD_SEED=${SEED})`, () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20_000), { minLength: 1, maxLength: 60 }), (lags) => {
      let state = beginYielding(CAP)
      for (const at of lags) {
        const before = state
        const decision = look(state, at)
        state = decision.state
        expect(state.ratePerSecond).toBeGreaterThanOrEqual(CAP * FLOOR_SHARE)
        expect(state.ratePerSecond).toBeLessThanOrEqual(CAP)
        expect(decision.reason === null).toBe(state.ratePerSecond === CAP)
        if (decision.trip !== null) expect(before.ratePerSecond).toBe(CAP * FLOOR_SHARE)
      }
    }),
    { seed: SEED },
  )
})

test(`a consumer with any capacity is never driven behind without end, and gets the cap when it can take it (YIELD_SEED=${SEED})`, () => {
  fc.assert(
    fc.property(
      fc.integer({ min: CAP * FLOOR_SHARE, max: 2 * CAP }),
      fc.integer({ min: 1, max: 5 }),
      (capacity, everyS) => {
        let [state, backlog, most] = [beginYielding(CAP), 0, 0]
        for (let look_ = 0; look_ < 400; look_ += 1) {
          backlog = Math.max(0, backlog + (state.ratePerSecond - capacity) * everyS)
          most = Math.max(most, backlog)
          state = look(state, Math.round(backlog)).state
        }
        expect(most).toBeLessThanOrEqual(CAP * 2 + CAP * everyS * 10)
        if (capacity >= CAP) expect(state.ratePerSecond).toBe(CAP)
      },
    ),
    { seed: SEED },
  )
})
