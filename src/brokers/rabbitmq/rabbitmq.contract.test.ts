import { afterAll, beforeAll, describe, inject } from 'vitest'
import { describeBrokerContract } from '#brokers/contract.ts'
import { connectOther, createRabbitmqHarness, type OtherClient } from '#brokers/rabbitmq/rabbitmq-harness.ts'

const access = inject('rabbitmq')
const missing = inject('rabbitmqMissing')

describe.skipIf(access === null)(`RabbitMQ${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  const server = access ?? {
    address: 'amqp://127.0.0.1:1',
    managementUrl: 'http://127.0.0.1:1',
    username: '',
    password: '',
  }
  let other: OtherClient
  beforeAll(async () => {
    other = await connectOther(server)
  })
  afterAll(() => other.close())

  for (const type of ['classic', 'quorum'] as const) {
    describeBrokerContract(
      `RabbitMQ with ${type} queues`,
      createRabbitmqHarness(server, () => other, type),
    )
  }
})
