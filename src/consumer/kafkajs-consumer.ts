import type { Pausable } from '#consumer/pausable.ts'

/** The part of kafkajs' `Consumer` that is used. */
export interface KafkajsLike {
  pause(topics: { topic: string }[]): void
  resume(topics: { topic: string }[]): void
  on(eventName: 'consumer.group_join', listener: () => void): unknown
  on(eventName: 'consumer.start_batch_process', listener: (event: { payload: { batchSize: number } }) => void): unknown
  on(eventName: 'consumer.end_batch_process', listener: (event: { payload: { batchSize: number } }) => void): unknown
}

/** kafkajs keeps polling while it is paused, so the group does not rebalance; a restart of the consumer forgets it. */
export function kafkajsConsumer(consumer: KafkajsLike, topics: readonly string[]): Pausable {
  let inFlight = 0
  consumer.on('consumer.start_batch_process', ({ payload }) => (inFlight += payload.batchSize))
  consumer.on('consumer.end_batch_process', ({ payload }) => (inFlight = Math.max(0, inFlight - payload.batchSize)))
  // A batch that fails never ends, but the consumer starts anew after it.
  consumer.on('consumer.group_join', () => (inFlight = 0))
  const named = () => topics.map((topic) => ({ topic }))
  return {
    pause: () => consumer.pause(named()),
    resume: () => consumer.resume(named()),
    /** Of the batches that are being worked on: the rest of a batch is not begun any more once it is paused. */
    inFlight: () => inFlight,
    onForgotten: (reassert) => void consumer.on('consumer.group_join', reassert),
  }
}
