import { findDeadLetterFacts } from '#collector/poll/find-dead-letter-facts.ts'
import { openDatabase } from '#db/client.ts'
import { saveDeadLetterPage } from '#db/store/dead-letter-index-store.ts'
import { acquireLease } from '#db/store/lease-store.ts'
import type { BrokerMessage } from '#domain/message.ts'
import { runBench } from './bench-run.ts'

const PAGE = 1_000
const STACK = [
  'com.shop.Boom: no',
  ...Array.from({ length: 40 }, (_, line) => `\tat org.springframework.Kafka.run(Kafka.java:${line})`),
  '\tat com.shop.Settle.run(Settle.java:8)',
].join('\n')
const PLACE = { originDestination: 'orders', consumerGroup: 'payments', retentionMs: 86_400_000 }

const bytes = (text: string) => new TextEncoder().encode(text)

const deadLetterAt = (sequence: number): BrokerMessage => ({
  destination: 'orders.dlq',
  position: { lane: '0', sequence: String(sequence) },
  key: bytes(`customer-${sequence}`),
  headers: [
    { name: 'kafka_dlt-original-topic', value: bytes('orders') },
    { name: 'kafka_dlt-exception-fqcn', value: bytes('com.shop.Boom') },
    { name: 'kafka_dlt-exception-message', value: bytes(`order ${sequence} refused`) },
    { name: 'kafka_dlt-exception-stacktrace', value: bytes(STACK) },
    { name: 'x-correlation-id', value: bytes(`order-${sequence}`) },
  ],
  payload: new Uint8Array(1_000),
  timestampMs: Date.now(),
  timestampKind: 'appended',
  attempts: null,
  brokerFailure: null,
})

/** Dead letters/s that are described and stored, with a stack and 1 kB of payload each. */
await runBench('dead-letter-index', 50_000, async (bench) => {
  const client = openDatabase(await bench.startDatabase(), { maxConnections: 2, onError: () => undefined })
  bench.onEnd(() => client.close())
  const lease = await acquireLease(client.database, 'index', 'bench', 600_000)
  if (lease === null) throw new Error('the lease is taken')
  const pages = Math.max(1, Math.round(bench.size / PAGE))
  let elapsedMs = 0
  let describeMs = 0
  for (let page = 0; page < pages; page += 1) {
    const messages = Array.from({ length: PAGE }, (_, index) => deadLetterAt(page * PAGE + index))
    const startedMs = performance.now()
    const letters = messages.map((message) => findDeadLetterFacts(message, PLACE, 0))
    describeMs += performance.now() - startedMs
    await saveDeadLetterPage(client.database, lease, {
      clusterId: 'bench',
      destination: 'orders.dlq',
      checkpoint: String(page),
      letters,
    })
    elapsedMs += performance.now() - startedMs
  }
  const perSecond = (pages * PAGE * 1000) / elapsedMs
  const describedPerSecond = (pages * PAGE * 1000) / describeMs
  bench.show('described and stored, with stack and 1 kB payload', `${Math.round(perSecond)}/s`)
  bench.show('described only, nothing stored', `${Math.round(describedPerSecond)}/s`)
  return { value: perSecond, unit: 'dead letters/s', baseline: describedPerSecond }
})
