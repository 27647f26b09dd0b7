import { expect, test } from 'vitest'
import { judgeDelivery, type DeliveryQuestion } from '#domain/flow/judge-delivery.ts'
import { lane, NOW_MS, reader } from '#domain/flow/reader-story.ts'

const question = (over: Partial<DeliveryQuestion> = {}): DeliveryQuestion => ({
  sentMs: NOW_MS - 120_000,
  place: null,
  reader: reader(),
  takenAs: null,
  unattributedServices: [],
  isTraced: null,
  nowMs: NOW_MS,
  ...over,
})
const at = (position: number, lane = '0') => ({ lane, position })
/** A reading every 10 s up to now: commits grow by `commitStep`, ends by `endStep`, ending at the given ones. */
const history = (committed: number, commitStep: number, end: number, endStep: number) =>
  Array.from({ length: 30 }, (_, index) => ({
    atMs: NOW_MS - (29 - index) * 10_000,
    committed: committed - (29 - index) * commitStep,
    end: end - (29 - index) * endStep,
    start: 0,
  }))

test('a span of the group settles it, wherever the position is', () => {
  expect(judgeDelivery(question({ takenAs: 'taken by email', place: at(400) }))).toMatchObject({
    kind: 'taken',
    sentence: 'taken by email',
  })
})

test('behind a known place it waits, with the messages before it and the time at the present rate', () => {
  const moving = reader({ lanes: [lane({ samples: history(100, 5, 500, 10) })] })
  const verdict = judgeDelivery(question({ place: at(349), reader: moving }))
  expect(verdict).toMatchObject({ kind: 'waiting', aheadCount: 249, lane: '0' })
  // 250 messages to take at 5 per 10 s.
  expect(verdict.turnInMs).toBeCloseTo(500_000, -3)
  expect(verdict.sentence).toBe('waiting: 249 messages before it in partition 0; about 8 m 20 s at the current rate')
})

test('a standing group is never said to get there', () => {
  const still = reader({ state: 'STOPPED', lanes: [lane({ samples: history(100, 0, 500, 10) })] })
  expect(judgeDelivery(question({ place: at(100), reader: still }))).toMatchObject({
    kind: 'waiting',
    aheadCount: 0,
    turnInMs: null,
    sentence: 'waiting: no message before it in partition 0; nobody reads for the group',
    advice: 'Start a consumer of the group.',
  })
})

test.each([
  [true, 'other messages of the group are traced', null],
  [false, 'not instrumented', 'Instrument the consumer'],
  [null, 'consumed or skipped', null],
] as const)('past the place without a span it passed untraced, and says why (traced: %s)', (isTraced, why, advice) => {
  const verdict = judgeDelivery(question({ place: at(99), isTraced }))
  expect(verdict.kind).toBe('passed')
  expect(verdict.sentence).toContain(why)
  if (advice === null) expect(verdict.advice).toBeNull()
  else expect(verdict.advice).toContain(advice)
})

test('what was passed a moment ago is not judged: its span may be on the way', () => {
  const verdict = judgeDelivery(
    question({ place: at(95), reader: reader({ lanes: [lane({ samples: history(100, 5, 500, 10) })] }) }),
  )
  expect(verdict.kind).toBe('not-seen')
  expect(verdict.advice).toContain('on the way')
})

test('without a place, the ends read before and after the send tell where it is', () => {
  // Sent two minutes ago, when the end was at 380: far beyond the committed position.
  const moving = reader({ lanes: [lane({ samples: history(100, 1, 500, 10) })] })
  const verdict = judgeDelivery(question({ reader: moving }))
  expect(verdict.kind).toBe('waiting')
  expect(verdict.aheadCount).toBeGreaterThanOrEqual(260)
  expect(verdict.sentence).toMatch(/about 2[78]\d messages before it in partition 0/)
})

test('a lane that did not grow cannot hold the message', () => {
  const idle = lane({ lane: '1', committed: 7, end: 7, samples: history(7, 0, 7, 0) })
  const verdict = judgeDelivery(
    question({ reader: reader({ lanes: [idle, lane({ samples: history(100, 1, 500, 10) })] }) }),
  )
  expect(verdict).toMatchObject({ kind: 'waiting', lane: '0' })
})

test('lanes that disagree leave it open, and the missing fact is named', () => {
  const ahead = lane({ lane: '1', committed: 500, samples: history(500, 1, 500, 10) })
  const verdict = judgeDelivery(
    question({ reader: reader({ lanes: [ahead, lane({ samples: history(100, 1, 500, 10) })] }) }),
  )
  expect(verdict.kind).toBe('not-seen')
  expect(verdict.sentence).toContain('waiting if it is in partition 0, passed if in 1')
  expect(verdict.advice).toContain('partition and offset')
})

test.each([
  [30_000, 'passed'],
  [300_000, 'waiting'],
] as const)('a broker that knows only ages tells too: oldest unprocessed %i ms old', (timeBehindMs, kind) => {
  const queue = reader({ lanes: [lane({ lane: '', committed: 10, end: 50, timeBehindMs, timeBehindErrorMs: 0 })] })
  expect(judgeDelivery(question({ reader: queue })).kind).toBe(kind)
})

test.each([
  ['no broker', { clusterId: null, asOfMs: null, lanes: [] }, 'Connect the broker'],
  ['no commit', { lanes: [lane({ committed: null })] }, 'newest message'],
  ['a reading from before the send', { asOfMs: NOW_MS - 121_000 }, 'next reading'],
] as const)('with %s it is not seen, and what would tell more is said', (_, over, advice) => {
  const verdict = judgeDelivery(question({ reader: reader(over as never) }))
  expect(verdict.kind).toBe('not-seen')
  expect(verdict.advice).toContain(advice)
})

test('old positions are said to be old', () => {
  const verdict = judgeDelivery(question({ place: at(300), reader: reader({ asOfMs: NOW_MS - 600_000 }) }))
  expect(verdict.sentence).toContain('the broker was last read 10 m ago')
})

test('somebody who took it for an unknown group is mentioned', () => {
  expect(judgeDelivery(question({ place: at(99), unattributedServices: ['batcher'] })).sentence).toContain(
    'perhaps taken by batcher',
  )
})

test('positions of a lane that counts anew since are no evidence', () => {
  const samples = [
    ...history(900, 1, 1_000, 1).slice(0, 20),
    { atMs: NOW_MS - 5_000, committed: 10, end: 20, start: 0 },
  ]
  const reset = reader({ lanes: [lane({ committed: 10, end: 20, samples })] })
  expect(judgeDelivery(question({ reader: reset })).kind).toBe('not-seen')
})
