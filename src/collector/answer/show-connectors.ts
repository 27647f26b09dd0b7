import { z } from 'zod'
import type { ConnectorsFacet } from '#brokers/broker.ts'
import type { BrokerDirectory } from '#collector/duty.ts'
import type { CollectorAnswer, CollectorQuestion } from '#db/store/collector-request-store.ts'
import { Failure } from '#domain/failure.ts'

/** More of them nobody reads, and no answer holds. */
const MAX_CONNECTORS = 1_000
const MAX_OFFSETS = 2_000

/** {connectors, unreadable, leftOutCount} as Kafka Connect says it at this moment. */
export async function listConnectors(
  brokers: BrokerDirectory,
  clusterId: string,
  signal: AbortSignal,
): Promise<CollectorAnswer> {
  const { connectors, unreadable } = await (await demandConnectors(brokers, clusterId)).read(signal)
  const leftOutCount = Math.max(0, connectors.length - MAX_CONNECTORS)
  return { connectors: connectors.slice(0, MAX_CONNECTORS), unreadable, leftOutCount }
}

const placeSchema = z.object({ connect: z.string().min(1), connector: z.string().min(1) })

/** {offsets, leftOutCount}: where one connector stands. */
export async function readConnectorOffsets(
  brokers: BrokerDirectory,
  clusterId: string,
  question: CollectorQuestion,
  signal: AbortSignal,
): Promise<CollectorAnswer> {
  const parsed = placeSchema.safeParse(question)
  if (!parsed.success) throw new Failure('invalid', 'the question names no connector')
  const offsets = await (await demandConnectors(brokers, clusterId)).readOffsets(parsed.data, signal)
  return { offsets: offsets.slice(0, MAX_OFFSETS), leftOutCount: Math.max(0, offsets.length - MAX_OFFSETS) }
}

async function demandConnectors(brokers: BrokerDirectory, clusterId: string): Promise<ConnectorsFacet> {
  const { connectors } = await brokers.get(clusterId)
  if (connectors === undefined) throw new Failure('unsupported', `${clusterId} is registered without Kafka Connect`)
  return connectors
}
