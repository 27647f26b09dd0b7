import { expect, test } from 'vitest'
import type { OutgoingMessage } from '#brokers/broker.ts'
import {
  BOUND,
  collect,
  failureOf,
  ordinalOf,
  ordinals,
  plainMessage,
  plainMessages,
  range,
  sendAll,
  signalOf,
  visible,
  encoder,
  type LawBench,
} from '#brokers/contract-harness.ts'

/** Laws of sending: proof, fidelity, order, and an honest answer for each message. */
export function describeSendingLaws({ harness, broker: adapter, fresh, readEverything }: LawBench): void {
  test('what was confirmed is readable at its position', async () => {
    const broker = adapter()
    const destination = await fresh('confirmed', { lanes: 3 })
    const sent = plainMessages(destination, 50)
    const positions = await sendAll(broker, sent)
    expect(new Set(positions.map((position) => `${position.lane}@${position.sequence}`)).size).toBe(50)
    const source = broker.replaySource
    if (source === undefined) return
    const chosen = [0, 7, 8, 49].map((index) => positions[index]!)
    const messages = await source.readAt(destination, chosen, signalOf())
    for (const [at, index] of [0, 7, 8, 49].entries()) {
      const found = messages.find(
        (one) => one.position.lane === chosen[at]!.lane && one.position.sequence === chosen[at]!.sequence,
      )
      expect(found && ordinalOf(found)).toBe(index)
    }
    expect(messages).toHaveLength(4)
  })

  test('bytes, key, headers and timestamp survive a copy through the adapter', async () => {
    const broker = adapter()
    const [from, to] = [await fresh('odd'), await fresh('copy')]
    const odd = harness.oddMessages(from)
    await harness.produce(from, odd)
    const source = broker.replaySource
    if (source === undefined) return
    const originals = await readEverything(from)
    expect(originals.map(visible)).toEqual(odd.map(visible))
    const copies = originals.map((message): OutgoingMessage => ({
      destination: to,
      lane: null,
      key: message.key,
      headers: message.headers,
      payload: message.payload,
      timestampMs: message.timestampMs,
      idempotencyId: crypto.randomUUID(),
    }))
    const positions = await sendAll(broker, copies)
    const arrived = await source.readAt(to, positions, signalOf())
    const order = positions.map((position) =>
      arrived.find((one) => one.position.sequence === position.sequence && one.position.lane === position.lane)!,
    )
    expect(order.map(visible)).toEqual(originals.map(visible))
    if (harness.lacks?.timestamps !== true) {
      expect(order.map((one) => one.timestampMs)).toEqual(originals.map((one) => one.timestampMs))
      const given = odd.filter((one) => one.timestampMs !== null)
      expect(given.length).toBeGreaterThan(0)
      expect(originals.map((one) => one.timestampMs)).toEqual(
        expect.arrayContaining(given.map((one) => one.timestampMs)),
      )
    }
  })

  test.skipIf(harness.lacks?.order === true)(
    'messages of one lane and key arrive in the order of sending',
    async () => {
      const broker = adapter()
      const destination = await fresh('ordered', { lanes: 3 })
      const key = encoder.encode('customer-1')
      const sent = range(300).map((ordinal) => ({ ...plainMessage(destination, ordinal), key }))
      await Promise.all([sendAll(broker, sent.slice(0, 150)), sendAll(broker, sent.slice(150))])
      const byLane = Map.groupBy(await readEverything(destination), (message) => message.position.lane)
      if (broker.replaySource === undefined) return
      expect(byLane.size).toBe(1)
      for (const messages of byLane.values()) expect(messages.map(ordinalOf)).toEqual(range(300))
    },
  )

  test('a destination that does not exist is not found, and trying again is pointless', async () => {
    const broker = adapter()
    const missing = harness.uniqueName('missing')
    const [result] = await broker.send.send([plainMessage(missing, 1)], signalOf())
    expect(result).toMatchObject({ outcome: 'refused', failure: { code: 'not-found', retryable: false } })
    const looks: (() => Promise<unknown>)[] = []
    const { replaySource, deadLetters } = broker
    if (replaySource) looks.push(async () => replaySource.resolve(missing, 0, Date.now(), signalOf()))
    if (deadLetters) looks.push(async () => collect(deadLetters.read(missing, null, BOUND, signalOf())))
    for (const look of looks) {
      expect(await failureOf(look())).toMatchObject({ code: 'not-found', retryable: false })
    }
  })

  test('a send that fails in part reports each message, and the others arrive', async () => {
    const broker = adapter()
    const destination = await fresh('partial')
    const missing = harness.uniqueName('missing')
    const refused = harness.refusedMessage?.(destination) ?? plainMessage(missing, 1)
    const messages = [...plainMessages(destination, 5), refused, plainMessage(destination, 5), plainMessage(missing, 9)]
    const results = await broker.send.send(messages, signalOf())
    expect(results.map((result) => result.outcome)).toEqual([
      ...range(5).map(() => 'confirmed'),
      'refused',
      'confirmed',
      'refused',
    ])
    for (const result of results) {
      if (result.outcome === 'refused') expect(result.failure.retryable).toBe(false)
    }
    if (broker.replaySource) expect(ordinals(await readEverything(destination))).toEqual(range(6))
  })
}
