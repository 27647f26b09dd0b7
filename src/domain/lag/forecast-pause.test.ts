import { expect, test } from 'vitest'
import { forecastLoss, forecastLossIfStopped, type LossFacts } from '#domain/lag/forecast-loss.ts'
import { forecastPause } from '#domain/lag/forecast-pause.ts'

const lane = { lagMessages: 100, arrivalPerSecond: 10, bestPerSecond: 30, lossIfStoppedInMs: 3_600_000 }

test('a pause costs what arrives meanwhile, and the slowest lane is done last', () => {
  const slow = { ...lane, bestPerSecond: 15 }
  expect(forecastPause([lane, slow], 60_000)).toEqual({
    lossInMs: 3_600_000,
    isLossAvoided: true,
    lagMessages: 1_400,
    drainsInMs: (700 / 5) * 1_000,
  })
})

test('a lane that was never faster than its arrivals would never be done, and a long pause loses', () => {
  const full = { ...lane, bestPerSecond: 10 }
  expect(forecastPause([full], 7_200_000)).toMatchObject({ drainsInMs: null, isLossAvoided: false })
})

test('what is not known of one lane is not known of the group', () => {
  expect(forecastPause([lane, { ...lane, arrivalPerSecond: null }], 1_000)).toMatchObject({
    lagMessages: null,
    drainsInMs: null,
  })
  expect(forecastPause([{ ...lane, lossIfStoppedInMs: null }], 1_000)).toMatchObject({
    lossInMs: null,
    isLossAvoided: true,
  })
})

const facts: LossFacts = {
  timeBehindMs: 600_000,
  retentionMs: 3_600_000,
  ageCause: 'retention',
  isStill: false,
  ageGrowth: null,
  marginMessages: 1_000,
  startPerSecond: null,
  commitPerSecond: 5,
}

test.each([
  ['nothing is in sight while the group keeps up', {}, null],
  ['standing still, the age decides', { isStill: true }, { inMs: 3_000_000, cause: 'retention' }],
  [
    'growing by half a second per second, twice as long is left',
    { ageGrowth: 0.5 },
    { inMs: 6_000_000, cause: 'retention' },
  ],
  ['messages of a queue expire', { isStill: true, ageCause: 'ttl' }, { inMs: 3_000_000, cause: 'ttl' }],
  ['the size takes what the group does not outrun', { startPerSecond: 10 }, { inMs: 200_000, cause: 'size' }],
  ['the size is outrun', { startPerSecond: 4 }, null],
  ['the sooner of both', { isStill: true, startPerSecond: 5.1 }, { inMs: 3_000_000, cause: 'retention' }],
  ['already late', { isStill: true, timeBehindMs: 9_999_999 }, { inMs: 0, cause: 'retention' }],
  ['an age that is not known forecasts nothing', { isStill: true, timeBehindMs: null }, null],
  ['nothing is lost without retention', { isStill: true, retentionMs: null }, null],
] as const)('first loss: %s', (_title, part, expected) => {
  expect(forecastLoss({ ...facts, ...part })).toEqual(expected)
})

test('a full stop brings the loss by size forward', () => {
  expect(forecastLossIfStopped({ ...facts, startPerSecond: 4 })).toEqual({ inMs: 250_000, cause: 'size' })
})
