import { expect, test } from 'vitest'
import { isCertainlyRefused, toSqsFailure } from '#brokers/sqs/sqs-failure.ts'

const awsError = (name: string, httpStatusCode?: number, code?: string): Error =>
  Object.assign(new Error('words'), { name, $metadata: { httpStatusCode }, ...(code !== undefined && { code }) })

test.each([
  ['QueueDoesNotExist', 400, 'not-found', false],
  ['ExpiredTokenException', 403, 'forbidden', false],
  ['CredentialsProviderError', undefined, 'forbidden', false],
  ['AccessDeniedException', 403, 'forbidden', false],
  ['SignatureDoesNotMatch', 403, 'forbidden', false],
  ['RequestThrottled', 400, 'limit', true],
  ['ThrottlingException', 400, 'limit', true],
  ['InvalidMessageContents', 400, 'invalid', false],
  ['ServiceUnavailable', 503, 'broker-unavailable', true],
  ['SomethingNew', 400, 'invalid', false],
  ['TimeoutError', undefined, 'broker-unavailable', true],
])('%s is %s %s', (name, status, code, retryable) => {
  expect(toSqsFailure(awsError(name, status))).toMatchObject({ code, retryable })
})

test('only what SQS refused, or what never left, is certainly not done', () => {
  expect(isCertainlyRefused(awsError('RequestThrottled', 400))).toBe(true)
  expect(isCertainlyRefused(awsError('Error', undefined, 'ECONNREFUSED'))).toBe(true)
  expect(isCertainlyRefused(awsError('CredentialsProviderError'))).toBe(true)
  expect(isCertainlyRefused(awsError('ServiceUnavailable', 503))).toBe(false)
  expect(isCertainlyRefused(awsError('Error', undefined, 'ECONNRESET'))).toBe(false)
  expect(isCertainlyRefused(awsError('TimeoutError'))).toBe(false)
})
