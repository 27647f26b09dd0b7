import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Broker, LaneLag } from '#brokers/broker.ts'
import { describeDeadLetterLaws } from '#brokers/contract-dead-letters.ts'
import {
  BOUND,
  collect,
  failureOf,
  ordinals,
  plainMessage,
  plainMessages,
  range,
  sendAll,
  signalOf,
  type BrokerHarness,
} from '#brokers/contract-harness.ts'
import { describeSendingLaws } from '#brokers/contract-sending.ts'
import { Failure } from '#domain/failure.ts'
import type { BrokerMessage } from '#domain/message.ts'

/** The laws that every adapter keeps, tried against its real broker. Call it in the adapter's contract test. */
export function describeBrokerContract(name: string, harness: BrokerHarness): void {
  describe(`${name} keeps the laws of the broker port`, () => {
    let broker: Broker
    beforeAll(async () => {
      broker = await harness.open()
    })
    afterAll(async () => {
      await broker.close()
    })

    const fresh = async (hint: string, options?: { lanes?: number }): Promise<string> => {
      const destination = harness.uniqueName(hint)
      await harness.createDestination(destination, options)
      return destination
    }
    const readEverything = async (destination: string): Promise<BrokerMessage[]> => {
      const source = broker.replaySource
      if (source === undefined) return []
      const ranges = await source.resolve(destination, 0, Date.now() + 86_400_000, signalOf())
      return (await collect(source.read(destination, ranges, BOUND, signalOf()))).messages
    }
    const lagOf = async (group: string, destination: string): Promise<LaneLag[]> => {
      const snapshot = await broker.lag.read(signalOf())
      expect(snapshot.endAtMs).toBeGreaterThanOrEqual(snapshot.committedAtMs)
      return snapshot.lanes.filter((lane) => lane.group === group && lane.destination === destination)
    }

    const bench = { harness, broker: () => broker, fresh, readEverything }
    describeSendingLaws(bench)
    describeDeadLetterLaws(bench)

    test('the installation says who it is, the same every time', async () => {
      const first = await broker.identify(signalOf())
      expect(first).not.toBe('')
      expect(await broker.identify(signalOf())).toBe(first)
    })

    test('the inventory shows destinations and groups that exist', async () => {
      const destination = await fresh('inventory')
      const group = harness.uniqueName('group')
      await harness.produce(destination, plainMessages(destination, 3))
      await harness.consumeAndCommit(group, destination, 2)
      const inventory = await broker.inventory.read(signalOf())
      const found = inventory.destinations.find((one) => one.name === destination)
      expect(found?.lanes.length).toBeGreaterThan(0)
      expect(found?.isInternal).toBe(false)
      const foundGroup = inventory.groups.find((one) => one.name === group)
      expect(foundGroup?.destinations).toContain(destination)
    })

    test('looking does not touch: no group, no position, no state, and again the same answer', async () => {
      const destination = await fresh('untouched')
      const group = harness.uniqueName('group')
      await harness.produce(destination, plainMessages(destination, 20))
      await harness.consumeAndCommit(group, destination, 5)
      const place = await harness.deadLetter(destination, 5)
      const before = [await harness.fingerprint(destination), await harness.fingerprint(place)]
      const look = async () => {
        await broker.inventory.read(signalOf())
        const lag = await lagOf(group, destination)
        const dead = broker.deadLetters
          ? (await collect(broker.deadLetters.read(place, null, BOUND, signalOf()))).messages
          : []
        await broker.deadLetters?.find(signalOf())
        // An age that the broker knows grows with its clock, whoever looks.
        const ageless = lag.map((lane) => ({ ...lane, oldestAgeMs: null }))
        return { lag: ageless, dead, all: await readEverything(destination) }
      }
      const first = await look()
      const second = await look()
      expect(second).toEqual(first)
      if (broker.deadLetters) expect(first.dead).toHaveLength(5)
      expect([await harness.fingerprint(destination), await harness.fingerprint(place)]).toEqual(before)
    })

    test('a bounded read ends at its bound while others keep producing', async () => {
      const source = broker.replaySource
      if (source === undefined) return
      const destination = await fresh('bounded', { lanes: 2 })
      await harness.produce(destination, plainMessages(destination, 30))
      const ranges = await source.resolve(destination, 0, Date.now() + 86_400_000, signalOf())
      const messages: BrokerMessage[] = []
      let later = 1_000
      for await (const page of source.read(destination, ranges, BOUND, signalOf())) {
        expect(page.messages.length).toBeLessThanOrEqual(BOUND.maxMessages)
        messages.push(...page.messages)
        await harness.produce(destination, [plainMessage(destination, later++)])
      }
      expect(ordinals(messages)).toEqual(range(30))
      expect(later).toBeGreaterThan(1_003)
    })

    test('lag is what lies between the end and what the group has confirmed', async () => {
      const destination = await fresh('lag', { lanes: 2 })
      const group = harness.uniqueName('group')
      await harness.produce(destination, plainMessages(destination, 20))
      await harness.consumeAndCommit(group, destination, 8)
      const lanes = await lagOf(group, destination)
      expect(lanes.length).toBeGreaterThan(0)
      let behind = 0
      for (const lane of lanes) {
        expect(lane.end).toBeGreaterThanOrEqual(lane.start)
        behind += lane.end - (lane.committed ?? lane.start)
      }
      expect(behind).toBe(12)
      const offsets = await broker.offsets?.read(group, destination, signalOf())
      if (offsets) expect(offsets.toSorted(byLane)).toEqual(lanes.toSorted(byLane))
    })

    test.skipIf(harness.joinWithoutCommit === undefined)(
      'a group that has confirmed nothing has no position, not 0',
      async () => {
        const destination = await fresh('no-commit')
        const group = harness.uniqueName('group')
        await harness.produce(destination, plainMessages(destination, 4))
        const leave = await harness.joinWithoutCommit!(group, destination)
        try {
          const lanes = await lagOf(group, destination)
          expect(lanes.length).toBeGreaterThan(0)
          expect(lanes.map((lane) => lane.committed)).toEqual(lanes.map(() => null))
          expect(lanes.reduce((sum, lane) => sum + lane.end - lane.start, 0)).toBe(4)
        } finally {
          await leave()
        }
      },
    )

    test('an aborted read ends at once, as a failure of its own kind', async () => {
      const source = broker.replaySource
      if (source === undefined) return
      const destination = await fresh('aborted')
      await harness.produce(destination, plainMessages(destination, 30))
      const ranges = await source.resolve(destination, 0, Date.now() + 86_400_000, signalOf())
      const abort = new AbortController()
      let pages = 0
      const reading = (async () => {
        for await (const _ of source.read(destination, ranges, BOUND, abort.signal)) {
          pages += 1
          abort.abort()
        }
      })()
      expect(await failureOf(reading)).toBeInstanceOf(Failure)
      expect(pages).toBe(1)
      expect(await failureOf(broker.inventory.read(AbortSignal.abort()))).toBeInstanceOf(Failure)
    })

    test('close leaves no connection and no timer behind', async () => {
      const destination = await fresh('closed')
      const sockets = () => process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap').length
      const before = sockets()
      const second = await harness.open()
      await second.inventory.read(signalOf())
      await second.lag.read(signalOf())
      await sendAll(second, plainMessages(destination, 3))
      await second.close()
      await expect.poll(sockets).toBeLessThanOrEqual(before)
      expect(await failureOf(second.inventory.read(signalOf()))).toBeInstanceOf(Failure)
      await second.close()
    })
  })
}

const byLane = (one: LaneLag, other: LaneLag): number => one.lane.localeCompare(other.lane)
