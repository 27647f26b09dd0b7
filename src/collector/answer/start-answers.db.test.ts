import { expect, test } from 'vitest'
import { plainMessage } from '#brokers/contract-harness.ts'
import { openMemoryBroker } from '#brokers/memory/memory-broker.ts'
import {
  appendToMemory,
  consumeFromMemory,
  createMemoryDestination,
  createMemoryLog,
} from '#brokers/memory/memory-log.ts'
import { startAnswers } from '#collector/answer/start-answers.ts'
import { askCollector } from '#db/store/collector-request-store.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { createLog } from '#log.ts'

const current = useTestDatabase()
const memory = createMemoryLog()
createMemoryDestination(memory, 'orders')
const stored = appendToMemory(memory, { ...plainMessage('orders', 0), headers: [{ name: 'nul', value: null }] })
const broker = openMemoryBroker('c', memory)
const start = (get = async () => broker as typeof broker) =>
  startAnswers({ client: current(), brokers: { get }, log: createLog('test', 'silent') })
const ask = (position: string, timeoutMs = 5_000) =>
  askCollector(
    current(),
    { kind: 'read-message', clusterId: 'c', question: { destination: 'orders', position } },
    timeoutMs,
  )

test('a live message is answered with its bytes, and by one of two collectors only', async () => {
  let reads = 0
  const counted = async () => {
    reads += 1
    return broker
  }
  const duties = await Promise.all([start(counted), start(counted)])
  try {
    const answer = await ask('0@0')
    expect(answer).toMatchObject({
      key: stored.key === null ? null : Buffer.from(stored.key).toString('base64'),
      payload: Buffer.from(stored.payload!).toString('base64'),
      headers: [{ n: 'nul' }],
    })
    expect(reads).toBe(1)
  } finally {
    await Promise.all(duties.map((duty) => duty.stop()))
  }
})

test('a message that is gone and a position that is none come back as what they are', async () => {
  const duty = await start()
  try {
    await expect(ask('0@99')).rejects.toMatchObject({ code: 'not-found' })
    await expect(ask('nonsense')).rejects.toMatchObject({ code: 'invalid' })
  } finally {
    await duty.stop()
  }
})

test('the age of what a group takes next is measured on the record itself, and nothing is consumed', async () => {
  consumeFromMemory(memory, 'mail', 'orders', 0)
  const duty = await start()
  try {
    const question = { group: 'mail', destination: 'orders' }
    const ask = () => askCollector(current(), { kind: 'measure-age', clusterId: 'c', question }, 5_000)
    const [first, second] = [await ask(), await ask()]
    expect(first).toMatchObject({ lanes: [{ lane: '0', position: '0', because: null }], leftOutCount: 0 })
    const ages = [first, second].map(({ atMs, lanes }) => Number(atMs) - (lanes as { ageMs: number }[])[0]!.ageMs)
    for (const appendedAtMs of ages) expect(Math.abs(appendedAtMs - stored.timestampMs!)).toBeLessThan(2_000)
  } finally {
    await duty.stop()
  }
})

test('without a collector the question ends in time, and says why', async () => {
  await expect(ask('0@0', 300)).rejects.toMatchObject({ code: 'broker-unavailable', retryable: true })
})
