import { expect, test } from 'vitest'
import { failureOf } from '#features/failure/failure-of.ts'
import { sentenceOf, wordsOf } from '#features/failure/failure-words.ts'

const reported = (code: string, message: string) =>
  Object.assign(new Error(message), {
    data: { failure: { code, retryable: false, details: { number: 7 }, errorId: null } },
  })

test('what the server reported is known by its code, its sentence and its facts', () => {
  const failure = failureOf(reported('conflict', 'another operation is taking from orders.DLT'))
  expect(failure).toMatchObject({ code: 'conflict', details: { number: 7 }, errorId: null })
  expect(sentenceOf(failure)).toBe('Another operation is taking from orders.DLT.')
})

test('no answer at all is told apart from an answer that says nothing', () => {
  expect(failureOf(new TypeError('fetch failed')).code).toBe('unreachable')
  expect(failureOf(Object.assign(new Error('x'), { data: {} })).code).toBe('internal')
})

test('an unexpected failure says what to do and not what the server wrote', () => {
  const failure = failureOf(reported('internal', 'something went wrong on the server'))
  expect(sentenceOf(failure)).toBeNull()
  expect(wordsOf(failure).advice).toContain('log')
})

test('a code from a newer server still has words', () => {
  expect(wordsOf(failureOf(reported('new-code', 'x'))).title).not.toBe('')
})
