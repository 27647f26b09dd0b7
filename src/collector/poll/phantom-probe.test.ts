import { expect, test } from 'vitest'
import type { Broker } from '#brokers/broker.ts'
import { openMemoryBroker } from '#brokers/memory/memory-broker.ts'
import { createMemoryLog } from '#brokers/memory/memory-log.ts'
import { createPhantomProbe } from '#collector/poll/phantom-probe.ts'
import { evaluateLanes, series } from '#domain/lag/test-lag.ts'

const memory = openMemoryBroker('k', createMemoryLog())
const signal = () => AbortSignal.timeout(5_000)
const lane = (committed: number, end: number) => ({
  group: 'g',
  destination: 'd',
  lane: '0',
  committed,
  start: 0,
  end,
  oldestAgeMs: null,
})
const verdict = (committed: number, end: number) => ({
  group: 'g',
  destination: 'd',
  evaluation: evaluateLanes([series(60, () => [committed, end])]),
})

/** A broker whose positions hold messages, or only the ends of transactions; it counts how often it is read. */
function openSource(readAt: () => Promise<readonly never[]>) {
  const asked: string[][] = []
  const broker: Broker = {
    ...memory,
    replaySource: {
      ...memory.replaySource,
      readAt: (_destination, positions) => {
        asked.push(positions.map(({ sequence }) => sequence))
        return readAt()
      },
    },
  }
  return { broker, asked }
}

test('positions without a message are no lag, and are read once', async () => {
  const { broker, asked } = openSource(async () => [])
  const probe = createPhantomProbe()
  await probe.probe(broker, [verdict(999, 1_000)], signal())
  await probe.probe(broker, [verdict(999, 1_000)], signal())
  expect(asked).toEqual([['999']])
  expect(probe.countOf(lane(999, 1_000))).toBe(1)
  expect(probe.countOf(lane(999, 1_001))).toBe(0)
})

test('a message that waits stays lag, and so does what could not be read', async () => {
  const full = createPhantomProbe()
  await full.probe(openSource(async () => [{}] as never[]).broker, [verdict(999, 1_000)], signal())
  expect(full.countOf(lane(999, 1_000))).toBe(0)
  const failing = createPhantomProbe()
  await failing.probe(openSource(() => Promise.reject(new Error('no'))).broker, [verdict(999, 1_000)], signal())
  expect(failing.countOf(lane(999, 1_000))).toBe(0)
})

test('lanes that are far behind or caught up are not read', async () => {
  const { broker, asked } = openSource(async () => [])
  await createPhantomProbe().probe(broker, [verdict(10, 1_000), verdict(1_000, 1_000)], signal())
  expect(asked).toEqual([])
})
