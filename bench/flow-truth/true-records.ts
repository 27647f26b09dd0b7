import { openMemoryBroker } from '#brokers/memory/memory-broker.ts'
import {
  createMemoryDestination,
  createMemoryLog,
  findMemoryDestination,
  type MemoryLog,
} from '#brokers/memory/memory-log.ts'
import { CONVENTIONS_ALONE } from '#collector/correlation/watch-correlation-rules.ts'
import { learnRecordIds } from '#collector/learn/learn-record-ids.ts'
import type { DatabaseClient } from '#db/client.ts'
import { createLog } from '#log.ts'
import type { TrueMessage, Truth } from './read-truth.ts'
import { CLUSTER_ID } from './store-broker-facts.ts'

const encoder = new TextEncoder()

/** Has the collector read the records of a run where the truth tells what lay in the broker, until nothing is left to read. */
export async function learnFromRecords(client: DatabaseClient, truth: Truth): Promise<void> {
  const broker = openMemoryBroker(CLUSTER_ID, layOut(truth))
  const scope = {
    client,
    brokers: { get: () => Promise.resolve(broker) },
    correlation: CONVENTIONS_ALONE,
    log: createLog('bench', 'warn'),
  }
  const window = { fromUs: (truth.startedMs - 60_000) * 1_000, toUs: truth.endedMs * 1_000, nowMs: Date.now() }
  for (let round = 0; round < 50; round += 1)
    if ((await learnRecordIds(scope, window, new Map(), AbortSignal.timeout(60_000))) === 0) break
  await broker.close()
}

function layOut({ orders }: Truth): MemoryLog {
  const log = createMemoryLog()
  for (const message of orders.flatMap((order) => order.messages)) {
    const { destination, partition, offset, headers } = message
    if (destination === null || partition === null || offset === null || headers === null) continue
    if (!log.destinations.has(destination)) createMemoryDestination(log, destination, { lanes: 16 })
    const lane = findMemoryDestination(log, destination).lanes[Number(partition)]
    if (lane === undefined) continue
    while (lane.length < Number(offset)) lane.push(null)
    lane[Number(offset)] = recordOf(message, destination, { lane: partition, sequence: offset }, headers)
  }
  return log
}

function recordOf(
  { key, producedMs, body }: TrueMessage,
  destination: string,
  position: { readonly lane: string; readonly sequence: string },
  headers: Readonly<Record<string, string>>,
) {
  return {
    destination,
    position,
    key: key === null ? null : encoder.encode(key),
    headers: Object.entries(headers).map(([name, value]) => ({ name, value: encoder.encode(value) })),
    payload: body === null ? null : encoder.encode(body),
    timestampMs: producedMs,
    timestampKind: 'created' as const,
    attempts: null,
    brokerFailure: null,
  }
}
