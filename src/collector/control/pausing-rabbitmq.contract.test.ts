import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { connectOther, type OtherClient } from '#brokers/rabbitmq/rabbitmq-harness.ts'
import { amqplibConsumer } from '#consumer/amqplib-consumer.ts'

const access = inject('rabbitmq')
const missing = inject('rabbitmqMissing')
const eventually = { timeout: 60_000, interval: 20 }

describe.skipIf(access === null)(`Pausing on RabbitMQ${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let client: OtherClient
  beforeAll(async () => {
    if (access !== null) client = await connectOther(access)
  })
  afterAll(async () => {
    await client.close()
  })

  const send = async (queue: string, count: number) => {
    for (let at = 0; at < count; at += 1) client.channel.sendToQueue(queue, Buffer.from(`m${at}`))
    await client.channel.waitForConfirms()
  }
  const waiting = async (queue: string) => (await client.channel.checkQueue(queue)).messageCount

  test('amqplib finishes what it was sent, leaves the rest in the queue, and takes it after the resume', async () => {
    const queue = `pausing-${randomUUID()}`
    await client.channel.assertQueue(queue)
    const channel = await client.connection.createChannel()
    await channel.prefetch(5)
    const finishers: (() => void)[] = []
    let finished = 0
    let isSlow = true
    const consumer = await amqplibConsumer(channel, queue, async (message) => {
      if (message === null) return
      if (isSlow) await new Promise<void>((resolve) => finishers.push(resolve))
      channel.ack(message)
      finished += 1
    })
    await send(queue, 20)
    await vi.waitFor(() => expect(consumer.inFlight?.()).toBe(5), eventually)
    await consumer.pause()
    await consumer.pause()
    for (const finish of finishers) finish()
    await vi.waitFor(() => expect([finished, consumer.inFlight?.()]).toEqual([5, 0]), eventually)
    await vi.waitFor(async () => expect(await waiting(queue)).toBe(15), eventually)
    await send(queue, 5)
    await vi.waitFor(async () => expect(await waiting(queue)).toBe(20), eventually)
    expect(finished).toBe(5)
    isSlow = false
    await consumer.resume()
    await consumer.resume()
    await vi.waitFor(() => expect(finished).toBe(25), eventually)
    await client.channel.deleteQueue(queue)
  })
})
