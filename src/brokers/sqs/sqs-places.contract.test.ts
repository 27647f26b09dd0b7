import { DeleteQueueCommand, SendMessageCommand, type MessageAttributeValue } from '@aws-sdk/client-sqs'
import { afterAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import type { Broker } from '#brokers/broker.ts'
import { BOUND, collect, failureOf, plainMessages, sendAll, signalOf } from '#brokers/contract-harness.ts'
import { openBroker } from '#brokers/registry.ts'
import {
  connectOther,
  createQueue,
  deleteMessages,
  readAttributes,
  receiveMessages,
  registrationOf,
} from '#brokers/sqs/sqs-harness.ts'

const endpoint = inject('sqsEndpoint')

describe.skipIf(endpoint === null)('places of SQS', () => {
  const address = endpoint ?? 'http://127.0.0.1:1'
  const other = connectOther(address)
  afterAll(() => other.destroy())
  const arnOf = (name: string): string => `arn:aws:sqs:eu-west-1:000000000000:${name}`
  const nameOf = (hint: string): string => `${hint}-${crypto.randomUUID().slice(0, 8)}`
  const open = async (configuration: object = {}): Promise<Broker> => {
    const registration = registrationOf(address)
    const broker = await openBroker({
      clusterId: 'places',
      kind: 'sqs',
      configuration: { ...registration.configuration, ...configuration },
      secret: registration.secret,
    })
    onTestFinished(() => broker.close())
    return broker
  }
  /** Two queues of which one is the dead-letter queue of the other. */
  const createPair = async (maxReceiveCount: number, suffix = '') => {
    const [origin, place] = [`${nameOf('orders')}${suffix}`, `${nameOf('grave')}${suffix}`]
    const placeUrl = await createQueue(other, place)
    const policy = { deadLetterTargetArn: arnOf(place), maxReceiveCount }
    const originUrl = await createQueue(other, origin, { RedrivePolicy: JSON.stringify(policy) })
    return { origin, originUrl, place, placeUrl }
  }

  test('a dead-letter queue is shown with the queues that it serves, and these with it', async () => {
    const { origin, place } = await createPair(5)
    const { destinations, groups } = await (await open()).inventory.read(signalOf())
    const settingsOf = (name: string) => destinations.find((one) => one.name === name)?.settings
    expect(settingsOf(origin)).toMatchObject({ deadLettersLandIn: place, type: 'standard' })
    expect(settingsOf(place)).toMatchObject({ deadLettersOf: origin })
    expect(groups.map(({ name }) => name)).toContain(origin)
    expect(groups.map(({ name }) => name)).not.toContain(place)
  })

  test('only queues of the registered prefix are asked', async () => {
    const name = nameOf('prefixed')
    await createQueue(other, name)
    const { destinations } = await (await open({ queueNamePrefix: name })).inventory.read(signalOf())
    expect(destinations.map((one) => one.name)).toEqual([name])
  })

  test('what a worker holds is owed as well', async () => {
    const { origin, originUrl } = await createPair(5)
    const broker = await open({ queueNamePrefix: origin })
    await sendAll(broker, plainMessages(origin, 12))
    const held = await receiveMessages(other, originUrl, 5)
    const owed = async () => {
      const [lane] = (await broker.lag.read(signalOf())).lanes
      return (lane?.end ?? 0) - (lane?.committed ?? 0)
    }
    expect(await owed()).toBe(12)
    await deleteMessages(other, originUrl, held)
    expect(await owed()).toBe(7)
  })

  test('a queue that gives up after few receives is not looked at, because looks are receives', async () => {
    const { origin, originUrl } = await createPair(3)
    const broker = await open()
    await sendAll(broker, plainMessages(origin, 1))
    for (let look = 0; look < 5; look += 1) {
      const looking = collect(broker.deadLetters!.read(origin, null, BOUND, signalOf()))
      expect(await failureOf(looking)).toMatchObject({ code: 'unsupported', retryable: false })
    }
    const [message] = await receiveMessages(other, originUrl, 1)
    expect(message?.Attributes?.ApproximateReceiveCount).toBe('1')
  })

  test('of a message group ten are seen at a time, what lies behind is said, and comes when the first are gone', async () => {
    const { place, placeUrl } = await createPair(5, '.fifo')
    const broker = await open()
    for (let at = 0; at < 14; at += 1) {
      const id = { MessageGroupId: 'one', MessageDeduplicationId: `${at}` }
      await other.send(new SendMessageCommand({ QueueUrl: placeUrl, MessageBody: `${at}`, ...id }))
    }
    const seen: string[] = []
    const look = async (checkpoint: string | null) => {
      const first: { checkpoint: string | null; failure: unknown } = { checkpoint, failure: null }
      try {
        for await (const page of broker.deadLetters!.read(place, checkpoint, BOUND, signalOf())) {
          seen.push(...page.messages.map(({ position }) => position.sequence))
          first.checkpoint = page.checkpoint
        }
      } catch (error) {
        first.failure = error
      }
      return first
    }
    const first = await look(null)
    expect(seen).toHaveLength(10)
    expect(first.failure).toMatchObject({ code: 'limit' })
    const positions = seen.map((sequence) => ({ lane: '', sequence }))
    const removed = await broker.deadLetters!.remove!(place, positions, signalOf())
    expect(removed).toEqual(positions.map(() => ({ outcome: 'done' })))
    expect((await look(first.checkpoint)).failure).toBeNull()
    expect(seen).toHaveLength(14)
  })

  test('messages of a group arrive in the order of sending, and a second send of a copy changes nothing', async () => {
    const name = `${nameOf('ordered')}.fifo`
    const url = await createQueue(other, name)
    const broker = await open()
    const messages = plainMessages(name, 60).map((one) => ({ ...one, key: Buffer.from('customer-1') }))
    const [first, second] = await Promise.all([
      sendAll(broker, messages.slice(0, 30)),
      sendAll(broker, messages.slice(30)),
    ])
    expect(await sendAll(broker, messages.slice(25, 35))).toEqual([...first, ...second].slice(25, 35))
    const arrived: (string | undefined)[] = []
    while (arrived.length < 60) {
      const taken = await receiveMessages(other, url, 10)
      arrived.push(...taken.map(({ Body: body }) => body))
      await deleteMessages(other, url, taken)
    }
    expect(arrived).toEqual(messages.map(({ payload }) => Buffer.from(payload ?? '').toString()))
    expect((await readAttributes(other, url))['ApproximateNumberOfMessages']).toBe('0')
  })

  test('what somebody else holds is neither gone nor removed, and worth trying again', async () => {
    const { place, placeUrl } = await createPair(5)
    const broker = await open()
    const [position] = await sendAll(broker, plainMessages(place, 1))
    await receiveMessages(other, placeUrl, 1)
    const reading = broker.replaySource!.readAt(place, [position!], signalOf())
    expect(await failureOf(reading)).toMatchObject({ code: 'conflict', retryable: true })
    const [removed] = await broker.deadLetters!.remove!(place, [position!], signalOf())
    expect(removed).toMatchObject({ outcome: 'failed', failure: { code: 'conflict', retryable: true } })
    expect(await broker.deadLetters!.findGone!(place, [position!], signalOf())).toEqual([])
  })

  test('a queue that is deleted in mid-read is not found, and the others go on', async () => {
    const { origin, place, placeUrl } = await createPair(5)
    const broker = await open()
    const [position] = await sendAll(broker, plainMessages(place, 1))
    await collect(broker.deadLetters!.read(place, null, BOUND, signalOf()))
    await other.send(new DeleteQueueCommand({ QueueUrl: placeUrl }))
    const reading = broker.replaySource!.readAt(place, [position!], signalOf())
    expect(await failureOf(reading)).toMatchObject({ code: 'not-found', retryable: false })
    const { destinations, unreadable } = await broker.inventory.read(signalOf())
    expect(destinations.map(({ name }) => name)).toContain(origin)
    expect(unreadable).toEqual([])
  })

  test('a queue of another account is told from one that is missing', async () => {
    const broker = await open()
    const url = 'https://sqs.eu-west-1.amazonaws.com/999999999999/orders'
    const looking = collect(broker.deadLetters!.read(url, null, BOUND, signalOf()))
    const failure = await failureOf(looking)
    expect(failure).toMatchObject({ code: 'not-found', retryable: false })
    expect(failure.message).toContain('another account')
  })

  test('without credentials it says so, and nothing was sent', async () => {
    const broker = await openBroker({
      clusterId: 'places',
      kind: 'sqs',
      configuration: { region: 'eu-west-1', endpoint: address, profile: `none-${crypto.randomUUID()}` },
      secret: null,
    })
    onTestFinished(() => broker.close())
    expect(await failureOf(broker.inventory.read(signalOf()))).toMatchObject({ code: 'forbidden', retryable: false })
    const [result] = await broker.send.send(plainMessages('orders', 1), signalOf())
    expect(result).toMatchObject({ outcome: 'refused', failure: { code: 'forbidden' } })
  })

  test('SQS that does not answer is unavailable, and what was not sent is refused, not in doubt', async () => {
    const broker = await open({ endpoint: 'http://127.0.0.1:1' })
    expect(await failureOf(broker.lag.read(signalOf()))).toMatchObject({ code: 'broker-unavailable', retryable: true })
    const [result] = await broker.send.send(plainMessages('orders', 1), signalOf())
    expect(result).toMatchObject({ outcome: 'refused', failure: { code: 'broker-unavailable', retryable: true } })
  })

  test('ten attributes, the most that SQS takes, survive a copy', async () => {
    const { origin, originUrl, place, placeUrl } = await createPair(5)
    const attributes = Object.fromEntries(
      Array.from({ length: 10 }, (_, at): [string, MessageAttributeValue] => [
        `a${at}`,
        { DataType: 'String', StringValue: `${at}` },
      ]),
    )
    const broker = await open()
    await other.send(new SendMessageCommand({ QueueUrl: placeUrl, MessageBody: '{}', MessageAttributes: attributes }))
    const { messages } = await collect(broker.deadLetters!.read(place, null, BOUND, signalOf()))
    const copies = messages.map((one) => ({
      ...one,
      destination: origin,
      lane: null,
      timestampMs: null,
      idempotencyId: crypto.randomUUID(),
    }))
    await sendAll(broker, copies)
    const [copy] = await receiveMessages(other, originUrl, 1)
    expect(copy?.MessageAttributes).toEqual(attributes)
  })
})
