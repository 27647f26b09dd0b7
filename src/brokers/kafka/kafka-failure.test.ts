import { protocolErrors } from '@platformatic/kafka'
import { expect, test } from 'vitest'
import { failureOfCode, toKafkaFailure } from '#brokers/kafka/kafka-failure.ts'
import { Failure } from '#domain/failure.ts'

test('every error of the protocol has a class, and only what may pass by itself is worth repeating', () => {
  for (const { id, code, canRetry } of Object.values(protocolErrors)) {
    const failure = failureOfCode(code, 'x')
    expect(failure.message).toContain(id)
    expect(failure.retryable, id).toBe(failure.code === 'broker-unavailable')
    if (!canRetry) expect(failure.retryable, id).toBe(false)
  }
})

test('an unknown topic is not found and not worth repeating, although Kafka calls it retriable', () => {
  expect(failureOfCode(3, 'topic orders')).toMatchObject({ code: 'not-found', retryable: false })
})

test('the cause is found however deep the client buries it', () => {
  const refused = {
    apiId: 'SASL_AUTHENTICATION_FAILED',
    apiCode: 58,
    message: 'no',
    serverErrorMessage: 'bad credentials',
  }
  const thrown = {
    message: 'failed',
    errors: [{ message: 'cannot connect', cause: { message: 'x', errors: [refused] } }],
  }
  const failure = toKafkaFailure(thrown, 'Kafka')
  expect(failure).toMatchObject({ code: 'forbidden', retryable: false })
  expect(failure.message).toContain('bad credentials')
})

test('a certificate that is not trusted is a wrong registration, not an outage', () => {
  const cause = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  const thrown = Object.assign(new Error('Connection failed', { cause }), { code: 'PLT_KFK_NETWORK' })
  expect(toKafkaFailure(thrown, 'Kafka')).toMatchObject({ code: 'invalid', retryable: false })
})

test('a Failure stays itself', () => {
  const failure = new Failure('conflict', 'x')
  expect(toKafkaFailure(failure, 'Kafka')).toBe(failure)
})
