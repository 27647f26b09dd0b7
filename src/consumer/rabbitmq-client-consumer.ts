import type { Pausable } from '#consumer/pausable.ts'

/** The part of rabbitmq-client's `Consumer` that is used. */
export interface RabbitmqClientConsumerLike {
  start(): void
  close(): Promise<void>
}

/** Cancels and begins anew: RabbitMQ knows no pause. Closing waits for the handlers that are at work. */
export const rabbitmqClientConsumer = (consumer: RabbitmqClientConsumerLike): Pausable => ({
  pause: () => consumer.close(),
  resume: () => consumer.start(),
})
