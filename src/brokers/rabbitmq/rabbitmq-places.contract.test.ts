import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Broker } from '#brokers/broker.ts'
import {
  BOUND,
  collect,
  failureOf,
  ordinals,
  plainMessage,
  plainMessages,
  range,
  signalOf,
} from '#brokers/contract-harness.ts'
import {
  askManagement,
  connectOther,
  registrationOf,
  takeMessages,
  waitForFigures,
  type OtherClient,
} from '#brokers/rabbitmq/rabbitmq-harness.ts'
import { startLossyProxy } from '#brokers/lossy-proxy.ts'
import { openBroker } from '#brokers/registry.ts'
import { readDeathCertificate } from '#domain/dead-letter/read-death-certificate.ts'
import { headerText } from '#domain/message.ts'

const access = inject('rabbitmq')

describe.skipIf(access === null)('beside the laws, RabbitMQ', () => {
  const server = access ?? { address: '', managementUrl: '', username: '', password: '' }
  let broker: Broker
  let other: OtherClient
  beforeAll(async () => {
    other = await connectOther(server)
    broker = await openBroker({ clusterId: 'r', kind: 'rabbitmq', ...registrationOf(server) })
  })
  afterAll(async () => {
    await broker.close()
    await other.close()
  })

  const declare = async (hint: string, args: Record<string, unknown> = {}): Promise<string> => {
    const name = `${hint}-${randomUUID().slice(0, 8)}`
    await other.channel.assertQueue(name, { arguments: args })
    return name
  }
  /** A queue whose dead letters land in a queue of their own, by the default exchange. */
  const declareWithPlace = async (args: Record<string, unknown> = {}, placeArgs: Record<string, unknown> = {}) => {
    const place = await declare('place', placeArgs)
    const route = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': place }
    return { place, origin: await declare('origin', { ...route, ...args }) }
  }
  const publish = async (queue: string, count: number): Promise<void> => {
    for (const ordinal of range(count)) other.channel.publish('', queue, Buffer.from(JSON.stringify({ ordinal })))
    await other.channel.waitForConfirms()
  }
  const look = async (place: string, on: Broker = broker) =>
    (await collect(on.deadLetters!.read(place, null, BOUND, signalOf()))).messages
  const readyIn = async (queue: string) => (await other.channel.checkQueue(queue)).messageCount
  const waitForReady = (queue: string, count: number) =>
    expect.poll(() => readyIn(queue), { timeout: 60_000 }).toBe(count)

  test('every reason of dying is read: refused, expired, pushed out, delivered too often', async () => {
    const deaths = {
      rejected: await declareWithPlace(),
      expired: await declareWithPlace({ 'x-message-ttl': 1 }),
      maxlen: await declareWithPlace({ 'x-max-length': 1 }),
      delivery_limit: await declareWithPlace({ 'x-queue-type': 'quorum', 'x-delivery-limit': 1 }),
    }
    for (const { origin } of Object.values(deaths)) await publish(origin, 1)
    await publish(deaths.maxlen.origin, 1)
    const [refused] = await takeMessages(other.channel, deaths.rejected.origin, 1)
    other.channel.nack(refused!, false, false)
    for (const _ of range(2)) {
      await waitForReady(deaths.delivery_limit.origin, 1)
      const [returned] = await takeMessages(other.channel, deaths.delivery_limit.origin, 1)
      other.channel.nack(returned!, false, true)
    }
    for (const [reason, { origin, place }] of Object.entries(deaths)) {
      await waitForReady(place, 1)
      const [letter] = await look(place)
      expect(letter?.brokerFailure).toMatchObject({ errorMessage: reason, originDestination: origin })
      expect(Math.abs(Date.now() - letter!.brokerFailure!.diedAtMs!)).toBeLessThan(120_000)
      const certificate = { dialect: 'rabbitmq', originDestination: origin, consumerGroup: origin }
      expect(readDeathCertificate(letter!)).toMatchObject({ ...certificate, exceptionMessage: reason })
    }
  })

  test('a message that died on its way through several queues names the last one, and no death is sent again', async () => {
    const { place, origin } = await declareWithPlace()
    const route = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': origin }
    const waiting = await declare('waiting', { ...route, 'x-message-ttl': 1 })
    await publish(waiting, 1)
    await waitForReady(origin, 1)
    const [refused] = await takeMessages(other.channel, origin, 1)
    other.channel.nack(refused!, false, false)
    await waitForReady(place, 1)
    const [letter] = await look(place)
    const deaths = JSON.parse(headerText(letter!.headers, 'x-death') ?? '[]') as { queue: string; reason: string }[]
    expect(deaths.map(({ queue, reason }) => [queue, reason])).toEqual([
      [origin, 'rejected'],
      [waiting, 'expired'],
    ])
    expect(readDeathCertificate(letter!).originDestination).toBe(origin)
  })

  test('places are found by argument, by policy and by exchange, with the evidence', async () => {
    const exchange = `dlx ${randomUUID().slice(0, 8)}`
    await other.channel.assertExchange(exchange, 'topic')
    const place = await declare('by-exchange')
    await other.channel.bindQueue(place, exchange, '#')
    const origin = await declare('origin', { 'x-dead-letter-exchange': exchange })
    const { places } = await broker.deadLetters!.find(signalOf())
    const found = places.find(({ destination }) => destination === place)
    expect(found).toMatchObject({ foundBy: 'configuration', originDestination: origin, consumerGroup: origin })
    expect(found?.evidence).toContain(exchange)
    const { destinations } = await broker.inventory.read(signalOf())
    expect(destinations.find(({ name }) => name === origin)?.settings['deadLettersLandIn']).toBe(place)
    expect(destinations.map(({ name }) => name)).toContain(`exchange:${encodeURIComponent(exchange)}`)
  })

  test('a copy goes through the original exchange with the original routing key, and is refused where that leads nowhere', async () => {
    const exchange = `orders/ü ${randomUUID().slice(0, 8)}`
    await other.channel.assertExchange(exchange, 'topic')
    const { place, origin } = await declareWithPlace()
    await other.channel.bindQueue(origin, exchange, 'order.*')
    other.channel.publish(exchange, 'order.placed', Buffer.from('{}'), { type: 'placed' })
    await other.channel.waitForConfirms()
    const [refused] = await takeMessages(other.channel, origin, 1)
    other.channel.nack(refused!, false, false)
    await waitForReady(place, 1)
    const [letter] = await look(place)
    const copy = { ...plainMessage(`exchange:${encodeURIComponent(exchange)}`, 0), headers: letter!.headers }
    const nowhere = { ...copy, destination: `${copy.destination}/nobody` }
    const results = await broker.send.send([copy, nowhere, { ...copy, headers: [] }], signalOf())
    expect(results.map(({ outcome }) => outcome)).toEqual(['confirmed', 'refused', 'refused'])
    expect(results[1]).toMatchObject({ failure: { code: 'not-found', retryable: false } })
    const [arrived] = await takeMessages(other.channel, origin, 1)
    expect(arrived!.fields).toMatchObject({ exchange, routingKey: 'order.placed' })
    expect(arrived!.properties.type).toBe('placed')
    other.channel.ack(arrived!)
  })

  test('a full queue refuses for now, an exchange that is not there for ever', async () => {
    const full = await declare('full', { 'x-max-length': 1, 'x-overflow': 'reject-publish' })
    await publish(full, 1)
    const [pushed] = await broker.send.send([plainMessage(full, 1)], signalOf())
    expect(pushed).toMatchObject({ outcome: 'refused', failure: { code: 'limit', retryable: true } })
    const [lost] = await broker.send.send([plainMessage('exchange:gone/key', 1)], signalOf())
    expect(lost).toMatchObject({ outcome: 'refused', failure: { code: 'not-found', retryable: false } })
    const [after] = await broker.send.send([plainMessage(await declare('after'), 1)], signalOf())
    expect(after?.outcome).toBe('confirmed')
  })

  test('a queue with a delivery limit is not looked at, and says why', async () => {
    const { place } = await declareWithPlace({}, { 'x-queue-type': 'quorum', 'x-delivery-limit': 3 })
    expect(await failureOf(look(place))).toMatchObject({ code: 'unsupported', retryable: false })
    expect(broker.deadLetters?.costOfLooking).toContain('redelivered')
  })

  test('what another consumer holds is neither gone nor to be had, and comes back with it', async () => {
    const { place } = await declareWithPlace()
    await publish(place, 3)
    const positions = (await look(place)).map(({ position }) => position)
    const holder = await other.connection.createChannel()
    await holder.prefetch(3)
    let held = 0
    await holder.consume(place, () => (held += 1))
    await expect.poll(() => held).toBe(3)
    expect(await failureOf(broker.replaySource!.readAt(place, positions, signalOf()))).toMatchObject({
      code: 'conflict',
      retryable: true,
    })
    expect((await broker.deadLetters!.remove!(place, positions, signalOf())).map(({ outcome }) => outcome)).toEqual([
      'failed',
      'failed',
      'failed',
    ])
    await holder.close()
    await waitForReady(place, 3)
    expect(await broker.replaySource!.readAt(place, positions, signalOf())).toHaveLength(3)
    expect(await broker.deadLetters!.findGone!(place, positions, signalOf())).toEqual([])
  })

  test('messages that are the same in everything are told apart, and each is removed once', async () => {
    const { place } = await declareWithPlace()
    for (const _ of range(3)) other.channel.publish('', place, Buffer.from('{"ordinal":7}'))
    await other.channel.waitForConfirms()
    const positions = (await look(place)).map(({ position }) => position)
    expect(new Set(positions.map(({ sequence }) => sequence)).size).toBe(3)
    const remove = async (at: number) => (await broker.deadLetters!.remove!(place, [positions[at]!], signalOf()))[0]
    expect(await remove(0)).toEqual({ outcome: 'done' })
    expect(await remove(2)).toEqual({ outcome: 'done' })
    expect(await look(place)).toHaveLength(1)
  })

  test('a queue that is deleted while it is read, or made anew, is said and ends nothing else', async () => {
    const { place } = await declareWithPlace()
    await publish(place, 20)
    const first = await look(place)
    await other.channel.deleteQueue(place)
    expect(await failureOf(look(place))).toMatchObject({ code: 'not-found' })
    await other.channel.assertQueue(place)
    await publish(place, 2)
    expect(ordinals(await look(place))).toEqual([0, 1])
    expect(first).toHaveLength(20)
  })

  test('a stream is read again and again, by time and by offset, and lets nothing go', async () => {
    const stream = await declare('stream', { 'x-queue-type': 'stream' })
    await publish(stream, 30)
    const source = broker.replaySource!
    const ranges = await source.resolve(stream, 0, Date.now() + 60_000, signalOf())
    for (const _ of range(2)) {
      const { messages, pages } = await collect(source.read(stream, ranges, BOUND, signalOf()))
      expect(ordinals(messages)).toEqual(range(30))
      expect(pages.every((page) => page.messages.length <= BOUND.maxMessages)).toBe(true)
    }
    const at = await source.readAt(
      stream,
      [
        { lane: '', sequence: '3' },
        { lane: '', sequence: '29' },
      ],
      signalOf(),
    )
    expect(ordinals(at)).toEqual([3, 29])
    const letters = await collect(broker.deadLetters!.read(stream, null, BOUND, signalOf()))
    expect(letters.messages).toHaveLength(30)
    await publish(stream, 2)
    const later = await collect(broker.deadLetters!.read(stream, letters.pages.at(-1)!.checkpoint, BOUND, signalOf()))
    expect(later.messages).toHaveLength(2)
  })

  test('a connection that breaks during a send leaves the outcome unknown, and the next send finds a new one', async () => {
    const queue = await declare('unknown')
    const proxy = await startLossyProxy(() => Number(new URL(server.address).port))
    const { configuration, secret } = registrationOf(server)
    const behind = await openBroker({
      clusterId: 'p',
      kind: 'rabbitmq',
      configuration: { ...configuration, addresses: [`amqp://127.0.0.1:${proxy.port}`] },
      secret,
    })
    try {
      expect((await behind.send.send([plainMessage(queue, 0)], signalOf()))[0]?.outcome).toBe('confirmed')
      proxy.loseAnswers(1)
      const results = await behind.send.send(plainMessages(queue, 3), signalOf())
      expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['unknown']))
      expect(results[0]).toMatchObject({ failure: { code: 'outcome-unknown', retryable: true } })
      const again = await behind.send.send(plainMessages(queue, 3), signalOf())
      expect(again.map(({ outcome }) => outcome)).toEqual(['confirmed', 'confirmed', 'confirmed'])
    } finally {
      await behind.close()
      await proxy.close()
    }
  })

  test('wrong credentials and a management API that is not there are said, each for what it closes', async () => {
    const { configuration } = registrationOf(server)
    const opening = { clusterId: 'w', kind: 'rabbitmq', configuration }
    const stranger = await openBroker({ ...opening, secret: { username: 'nobody', password: 'wrong' } })
    expect(await failureOf(stranger.inventory.read(signalOf()))).toMatchObject({ code: 'forbidden', retryable: false })
    const [result] = await stranger.send.send([plainMessage('q', 1)], signalOf())
    expect(result).toMatchObject({ outcome: 'refused', failure: { code: 'forbidden', retryable: false } })
    await stranger.close()
    const away = { ...configuration, managementUrl: 'http://127.0.0.1:1' }
    const half = await openBroker({ ...opening, configuration: away, secret: registrationOf(server).secret })
    const queue = await declare('half')
    expect((await half.send.send([plainMessage(queue, 1)], signalOf()))[0]?.outcome).toBe('confirmed')
    expect(await failureOf(half.lag.read(signalOf()))).toMatchObject({ code: 'broker-unavailable', retryable: true })
    await half.close()
  })

  test('a user who may only look sees everything and is told that it may not send; one without a tag is told so', async () => {
    const { place, origin } = await declareWithPlace()
    await publish(place, 2)
    const openAs = async (tags: string) => {
      const username = `user-${randomUUID()}`
      await askManagement(server, `users/${username}`, { password: 'secret', tags })
      await askManagement(server, `permissions/%2F/${username}`, { configure: '', write: '', read: '.*' })
      const { configuration } = registrationOf(server)
      return openBroker({ clusterId: 'u', kind: 'rabbitmq', configuration, secret: { username, password: 'secret' } })
    }
    const looker = await openAs('monitoring')
    expect((await looker.inventory.read(signalOf())).unreadable).toEqual([])
    expect(await look(place, looker)).toHaveLength(2)
    const [refused] = await looker.send.send([plainMessage(origin, 1)], signalOf())
    expect(refused).toMatchObject({ outcome: 'refused', failure: { code: 'forbidden', retryable: false } })
    await looker.close()
    const stranger = await openAs('')
    for (const facet of [stranger.inventory, stranger.lag]) {
      expect(await failureOf(facet.read(signalOf()))).toMatchObject({ code: 'forbidden', retryable: false })
    }
    await stranger.close()
  })

  test('lag counts what is ready and what consumers hold', async () => {
    const queue = await declare('lag')
    await publish(queue, 4)
    const lagOf = async () => (await broker.lag.read(signalOf())).lanes.find(({ group }) => group === queue)
    await waitForFigures(server, queue, 4)
    const before = await lagOf()
    expect(before!.end - before!.committed!).toBe(4)
    for (const taken of await takeMessages(other.channel, queue, 3)) other.channel.ack(taken)
    await publish(queue, 2)
    await waitForFigures(server, queue, 3)
    const after = await lagOf()
    expect([after!.end - after!.committed!, after!.incarnation]).toEqual([3, before!.incarnation])
    expect(after!.committed).toBeGreaterThan(before!.committed!)
  })
})
