import { expect, test } from 'vitest'
import { openVerdictBook } from '#collector/poll/verdict-book.ts'
import { evaluateLanes, series } from '#domain/lag/test-lag.ts'

const verdictOf = (group: string, committed: number, end = 500) => ({
  group,
  destination: 'orders',
  evaluation: evaluateLanes([series(30, () => [committed, end])]),
})
const quiet = verdictOf('quiet', 500)

test('what says the same is written once, and again after about a minute', () => {
  const book = openVerdictBook([])
  const writes = Array.from(
    { length: 24 },
    (_, poll) => book.book([quiet], true, 1_000_000 + poll * 5_000).changed.length,
  )
  expect(writes[0]).toBe(1)
  expect(writes.slice(1, 9)).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  const again = writes.slice(9).reduce((sum, count) => sum + count, 0)
  expect(again).toBeGreaterThanOrEqual(1)
  expect(again).toBeLessThanOrEqual(2)
})

test('a state that changes is an event, one that was stored before the start is none', () => {
  const book = openVerdictBook([{ group: 'quiet', destination: 'orders', state: 'OK' }])
  expect(book.book([quiet], true, 1).events).toEqual([])
  const { events, changed } = book.book([verdictOf('quiet', 100)], true, 2)
  expect(events).toMatchObject([{ group: 'quiet', destination: 'orders', kind: 'state', state: 'STALLED' }])
  expect(changed).toHaveLength(1)
})

test('a group is gone after two complete readings without it, and an incomplete one proves nothing', () => {
  const book = openVerdictBook([])
  book.book([quiet], true, 1)
  expect(book.book([], false, 2).gone).toEqual([])
  expect(book.book([], true, 3).gone).toEqual([])
  expect(book.book([], false, 4).gone).toEqual([])
  expect(book.book([], true, 5)).toMatchObject({ gone: [{ group: 'quiet' }], events: [{ kind: 'gone' }] })
  expect(book.book([], true, 6)).toMatchObject({ gone: [], events: [] })
})

test('a step back is noted once, with its size', () => {
  const book = openVerdictBook([])
  const back = (polls: number) => ({
    group: 'g',
    destination: 'd',
    evaluation: evaluateLanes([series(polls, (poll) => [poll < 30 ? poll * 100 : (poll - 20) * 100, 9_000])]),
  })
  const events = [30, 31, 32, 33].flatMap((polls) => book.book([back(polls)], true, polls).events)
  expect(events.filter(({ kind }) => kind === 'rewind').map(({ sentence }) => sentence)).toEqual([
    'Went back by 1,900 messages, which are taken again.',
  ])
})
