import { expect, test } from 'vitest'
import { plainMessage } from '#brokers/contract-harness.ts'
import { describeBrokerContract } from '#brokers/contract.ts'
import { openMemoryBroker } from '#brokers/memory/memory-broker.ts'
import {
  appendToMemory,
  consumeFromMemory,
  createMemoryDestination,
  createMemoryLog,
  joinMemoryGroup,
} from '#brokers/memory/memory-log.ts'
import { ODD_MESSAGES } from '#brokers/odd-messages.ts'

const log = createMemoryLog()
let made = 0

describeBrokerContract('memory', {
  open: async () => openMemoryBroker('memory', log),
  uniqueName: (hint) => `${hint}-${made++}`,
  createDestination: async (name, options) => createMemoryDestination(log, name, options),
  produce: async (destination, messages) => {
    for (const message of messages) appendToMemory(log, { ...message, destination })
  },
  consumeAndCommit: async (group, destination, count) => consumeFromMemory(log, group, destination, count),
  joinWithoutCommit: async (group, destination) => {
    joinMemoryGroup(log, group, destination)
    return async () => undefined
  },
  deadLetter: async (origin, count) => {
    const place = `${origin}.dead`
    if (!log.destinations.has(place)) createMemoryDestination(log, place, { deadLettersOf: origin })
    for (let ordinal = 0; ordinal < count; ordinal++) appendToMemory(log, plainMessage(place, ordinal))
    return place
  },
  fingerprint: async () => structuredClone({ destinations: [...log.destinations], groups: [...log.groups] }),
  oddMessages: (destination) => ODD_MESSAGES.map((message) => ({ ...message, destination })),
})

test('injected faults refuse, lose the confirmation after the append, and lose the message', async () => {
  createMemoryDestination(log, 'faulty')
  const broker = openMemoryBroker('memory', log)
  broker.faults.inject({ fault: { kind: 'refuse', retryable: true }, times: 1 })
  broker.faults.inject({ fault: { kind: 'unknown-after-append' }, times: 1 })
  broker.faults.inject({ fault: { kind: 'unknown-without-append' }, times: 1 })
  const messages = [0, 1, 2, 3].map((ordinal) => plainMessage('faulty', ordinal))
  const results = await broker.send.send(messages, AbortSignal.timeout(1_000))
  expect(results.map((result) => result.outcome)).toEqual(['refused', 'unknown', 'unknown', 'confirmed'])
  expect(log.destinations.get('faulty')?.lanes[0]?.map((one) => one?.payload)).toEqual([
    messages[1]?.payload,
    messages[3]?.payload,
  ])
})
