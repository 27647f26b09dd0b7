import type { Pausable } from '#consumer/pausable.ts'

/** The part of sqs-consumer's `Consumer` that is used. */
export interface SqsConsumerLike {
  start(): void
  stop(): void
}

/** Receives nothing more; what was received is handled and deleted as usual. */
export const sqsConsumer = (consumer: SqsConsumerLike): Pausable => ({
  pause: () => consumer.stop(),
  resume: () => consumer.start(),
})
