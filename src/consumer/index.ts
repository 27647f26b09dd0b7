export {
  listenForPause,
  type PauseEvent,
  type PauseListener,
  type PauseListenerOptions,
} from '#consumer/listen-for-pause.ts'
export type { Pausable } from '#consumer/pausable.ts'
export { amqplibConsumer } from '#consumer/amqplib-consumer.ts'
export { bullmqWorker } from '#consumer/bullmq-worker.ts'
export { kafkajsConsumer } from '#consumer/kafkajs-consumer.ts'
export { platformaticStream } from '#consumer/platformatic-stream.ts'
export { rabbitmqClientConsumer } from '#consumer/rabbitmq-client-consumer.ts'
export { sqsConsumer } from '#consumer/sqs-consumer.ts'
