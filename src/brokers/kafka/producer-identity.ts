import type { KafkaClient } from '#brokers/kafka/kafka-client.ts'
import { KAFKA_ERROR, failureOfCode } from '#brokers/kafka/kafka-failure.ts'

/** What a broker knows an idempotent producer by. */
export interface ProducerIdentity {
  readonly producerId: bigint
  readonly producerEpoch: number
}

export interface ProducerIdentities {
  /** One for all lanes that have never sent. @throws Failure `forbidden` when the user may write nowhere */
  shared(signal: AbortSignal): Promise<ProducerIdentity>
  /** One that nobody has sent with. @throws as `shared` */
  fresh(signal: AbortSignal): Promise<ProducerIdentity>
}

const TRANSACTION_TIMEOUT_MS = 60_000
const ATTEMPTS = 10
const PAUSE_MS = 100

export function createProducerIdentities(client: KafkaClient): ProducerIdentities {
  let shared: Promise<ProducerIdentity> | null = null
  return {
    shared(signal) {
      if (shared !== null) return shared
      const asked = askIdentity(client, signal)
      shared = asked
      asked.catch(() => {
        if (shared === asked) shared = null
      })
      return asked
    },
    fresh: (signal) => askIdentity(client, signal),
  }
}

async function askIdentity(client: KafkaClient, signal: AbortSignal): Promise<ProducerIdentity> {
  for (let attempt = 1; ; attempt++) {
    const answer = await client.look(null, 'InitProducerId', [null, TRANSACTION_TIMEOUT_MS, -1n, -1], signal)
    if (answer.errorCode === KAFKA_ERROR.none) {
      return { producerId: answer.producerId, producerEpoch: answer.producerEpoch }
    }
    const failure = failureOfCode(answer.errorCode, 'becoming an idempotent producer')
    if (!failure.retryable || attempt >= ATTEMPTS) throw failure
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}
