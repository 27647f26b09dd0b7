import { expect, test } from 'vitest'
import { openBroker } from '#brokers/registry.ts'

const opening = { clusterId: 'c1', secret: null }

test('a kind without an adapter is unsupported', async () => {
  await expect(openBroker({ ...opening, kind: 'rabbit', configuration: {} })).rejects.toMatchObject({
    code: 'unsupported',
    retryable: false,
  })
})

test('a wrong registration names the fields and keeps the secret to itself', async () => {
  const wrong = openBroker({
    clusterId: 'c1',
    kind: 'kafka',
    configuration: { brokers: ['no port'], brokerz: 1 },
    secret: { password: 'hunter2', pasword: 'hunter3' },
  })
  await expect(wrong).rejects.toMatchObject({ code: 'invalid', retryable: false })
  const message = await wrong.catch((error: Error) => error.message)
  expect(message).toContain('brokers.0')
  expect(message).toContain('brokerz')
  expect(message).toContain('pasword')
  expect(message).not.toContain('hunter')
})

test('SASL without credentials is refused before anything is connected', async () => {
  const configuration = { brokers: ['127.0.0.1:1'], sasl: { mechanism: 'SCRAM-SHA-256' } }
  await expect(openBroker({ ...opening, kind: 'kafka', configuration })).rejects.toMatchObject({ code: 'invalid' })
})

test('a cluster that is down can be opened; the first call says that it is down and worth trying again', async () => {
  const broker = await openBroker({ ...opening, kind: 'kafka', configuration: { brokers: ['127.0.0.1:1'] } })
  await expect(broker.identify(AbortSignal.timeout(10_000))).rejects.toMatchObject({
    code: 'broker-unavailable',
    retryable: true,
  })
  await broker.close()
})
