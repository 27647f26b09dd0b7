import { expect, test } from 'vitest'
import {
  bullmqWorker,
  kafkajsConsumer,
  platformaticStream,
  rabbitmqClientConsumer,
  sqsConsumer,
} from '#consumer/index.ts'

/** Stand-ins of the libraries' shapes that write down what they are told: their servers are not part of the tests. */
function recorder() {
  const done: string[] = []
  return {
    done,
    call:
      (name: string) =>
      (...given: unknown[]) =>
        void done.push([name, ...given.map(String)].join(' ')),
  }
}

test('rabbitmq-client is closed, which waits for its handlers, and started again', async () => {
  const { done, call } = recorder()
  const pausable = rabbitmqClientConsumer({ start: call('start'), close: async () => call('close')() })
  await pausable.pause()
  await pausable.resume()
  expect(done).toEqual(['close', 'start'])
})

test('sqs-consumer is stopped without cutting off what it received, and started again', async () => {
  const { done, call } = recorder()
  const pausable = sqsConsumer({ start: call('start'), stop: call('stop') })
  await pausable.pause()
  await pausable.resume()
  expect(done).toEqual(['stop', 'start'])
})

test('of BullMQ the worker is paused and not the queue, without waiting for the jobs at work', async () => {
  const { done, call } = recorder()
  const pausable = bullmqWorker({ pause: async (doNotWait) => call('pause')(doNotWait), resume: call('resume') })
  await pausable.pause()
  await pausable.resume()
  expect(done).toEqual(['pause true', 'resume'])
})

test('kafkajs counts the batches at work, and a batch that failed is forgotten when the consumer joins anew', () => {
  const listeners = new Map<string, ((event: { payload: { batchSize: number } }) => void)[]>()
  const emit = (name: string, batchSize = 0) =>
    listeners.get(name)?.forEach((listener) => listener({ payload: { batchSize } }))
  const pausable = kafkajsConsumer(
    {
      pause: () => undefined,
      resume: () => undefined,
      on: (name: string, listener: (event: { payload: { batchSize: number } }) => void) =>
        void listeners.set(name, [...(listeners.get(name) ?? []), listener]),
    },
    ['orders'],
  )
  let forgottenCount = 0
  pausable.onForgotten?.(() => (forgottenCount += 1))
  emit('consumer.start_batch_process', 7)
  emit('consumer.start_batch_process', 5)
  emit('consumer.end_batch_process', 7)
  expect(pausable.inFlight?.()).toBe(5)
  emit('consumer.group_join')
  expect([pausable.inFlight?.(), forgottenCount]).toEqual([0, 1])
})

test('a stream of @platformatic/kafka asks to be paused again when its consumer joins', () => {
  const { done, call } = recorder()
  let join = () => undefined as void
  const consumer = { on: (_: string, listener: () => void) => (join = listener) }
  const pausable = platformaticStream({ pause: call('pause'), resume: call('resume'), consumer })
  pausable.onForgotten?.(call('forgotten'))
  join()
  expect(done).toEqual(['forgotten'])
})
