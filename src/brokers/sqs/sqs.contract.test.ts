import { afterAll, describe, inject } from 'vitest'
import { describeBrokerContract } from '#brokers/contract.ts'
import { connectOther, createSqsHarness } from '#brokers/sqs/sqs-harness.ts'

const endpoint = inject('sqsEndpoint')
const missing = inject('sqsMissing')

describe.skipIf(endpoint === null)(
  `SQS as ElasticMQ speaks it${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
    const address = endpoint ?? 'http://127.0.0.1:1'
    const other = connectOther(address)
    afterAll(() => other.destroy())

    for (const type of ['standard', 'fifo'] as const) {
      describeBrokerContract(
        `SQS with ${type} queues`,
        createSqsHarness(address, () => other, type),
      )
    }
  },
)
