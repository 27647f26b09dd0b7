import { expect, test } from 'vitest'
import { peekAhead, takeAhead } from '#trpc/answer-ahead.ts'

/** As what came along with a page: known already, and called back at once. */
function arrived<Answer>(answer: Answer): Promise<Answer> {
  const known = Promise.resolve(answer)
  return Object.assign(known, { then: (onAnswer: (answer: Answer) => unknown) => Promise.resolve(onAnswer(answer)) })
}

test('what came with the page answers its first question and no later one', async () => {
  const ahead = Promise.resolve({ spanCount: 10 })
  expect(await takeAhead(ahead)).toEqual({ spanCount: 10 })
  expect(await takeAhead(ahead)).toBeNull()
})

test('every page has an answer of its own', async () => {
  expect(await takeAhead(Promise.resolve('first'))).toBe('first')
  expect(await takeAhead(Promise.resolve('second'))).toBe('second')
})

test('an answer that is here is drawn at once, and is no answer to what is asked later', async () => {
  const ahead = arrived('Alice')
  expect(peekAhead(ahead)).toBe('Alice')
  expect(peekAhead(ahead)).toBeUndefined()
  expect(await takeAhead(ahead)).toBeNull()
})

test('an answer on its way is waited for', async () => {
  const ahead = Promise.resolve('Alice')
  expect(peekAhead(ahead)).toBeUndefined()
  expect(await takeAhead(ahead)).toBe('Alice')
})

test('what the server could not answer leaves the question open', () => {
  expect(peekAhead(arrived(null))).toBeUndefined()
})
