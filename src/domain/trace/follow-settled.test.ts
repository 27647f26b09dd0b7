import { expect, test } from 'vitest'
import { followSettled, type HandlingEvent } from '#domain/trace/follow-settled.ts'

/**
 * A line of events of one service: `p` a poll, a letter a send of that name, `.` a settling. Each takes 4 ms and begins
 * 10 ms after the one before, unless `stepMs` says otherwise.
 */
function tell(line: string, stepMs = 10): readonly HandlingEvent[] {
  let polls = 0
  return Array.from(line.replaceAll(' ', '')).map((mark, at) => ({
    kind: mark === 'p' ? 'took' : mark === '.' ? 'settled' : 'sent',
    startUs: at * stepMs * 1_000,
    endUs: at * stepMs * 1_000 + 4_000,
    traceId: 't',
    spanId: mark === 'p' ? `p${(polls += 1)}` : mark,
    destination: mark === 'p' || mark === '.' ? 'queue' : 'out',
  }))
}

const HABIT = 'p x.x.x.x. p x.x.x.x.'
const follow = (events: readonly HandlingEvent[], cameAgain: readonly boolean[], poll = 'p3') =>
  followSettled(events, { traceId: 't', spanId: poll, cameAgain })?.map((sent) => sent.map(({ spanId }) => spanId)) ??
  null

test('of a service that takes up one message after the other each send is of the message that is settled next', () => {
  expect(follow(tell(`${HABIT} p a.b.c.`), [false, false, false])).toEqual([['a'], ['b'], ['c']])
})

test('a message that sends nothing on is settled without a send', () => {
  expect(follow(tell(`${HABIT} p a..c.`), [false, false, false])).toEqual([['a'], [], ['c']])
})

test('a message that comes again was not settled: its turn is left out', () => {
  expect(follow(tell(`${HABIT} p a.c.`), [false, true, false])).toEqual([['a'], [], ['c']])
})

test('with fewer settlings than messages that did not come again nothing is told', () => {
  expect(follow(tell(`${HABIT} p a.c.`), [false, false, false])).toBeNull()
})

test('what failed may have sent before it did: two sends of a kind in one turn are nobody’s', () => {
  expect(follow(tell(`${HABIT} p ab.`), [true, false])).toBeNull()
})

test('a service that was not seen doing so often enough is not believed', () => {
  expect(follow(tell('p a.b.'), [false, false], 'p1')).toBeNull()
})

test('a service that does two things at a time is not believed', () => {
  expect(follow(tell(`${HABIT} p a.b.c.`, 2), [false, false, false])).toBeNull()
})

test('sends that lie together, settled together, say that all messages were in hand at once', () => {
  expect(follow(tell('p xx.. p xx.. p x.x.x.x. p x.x.x.x. p a.b.'), [false, false], 'p5')).toBeNull()
})

test('a send that no settling follows leaves its poll open', () => {
  expect(follow(tell(`${HABIT} p a.b`), [false, false])).toBeNull()
})

test('a service that takes from two places is not believed: what it sends may be for either', () => {
  const other = tell('p').map((event) => ({ ...event, startUs: 1e9, endUs: 1e9, spanId: 'o', destination: 'other' }))
  expect(follow([...tell(`${HABIT} p a.b.`), ...other], [false, false])).toBeNull()
})
