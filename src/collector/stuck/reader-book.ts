import type { DatabaseClient } from '#db/client.ts'
import { listDestinationReaders } from '#db/store/destination-reader-store.ts'
import { attributeConsumer, type ConsumerAttribution } from '#domain/flow/attribute-consumer.ts'
import { type DestinationReader, type SeenReceiver, withSeenReaders } from '#domain/flow/destination-reader.ts'
import { readSentDestinations } from '#telemetry-store/postgres/read-dwell.ts'
import { readReceivers, readServiceHosts } from '#telemetry-store/postgres/read-receivers.ts'

/** Whoever sent or took messages within this time is expected to go on. */
const LATELY_US = 3_600_000_000

/** Everybody who should take something, and for which group services take. */
export interface ReaderBook {
  readonly readers: readonly DestinationReader[]
  /** Destinations that were sent to lately. */
  readonly sentTo: readonly string[]
  readonly attribute: (receiver: SeenReceiver) => ConsumerAttribution
  /** Whether messages were seen being taken by the group lately. */
  readonly isTraced: (reader: DestinationReader) => boolean
}

/** One key per group and place, of readers and of what is written down about them. */
export const readerKey = (clusterId: string | null, group: string, readFrom: string): string =>
  JSON.stringify([clusterId ?? '', group, readFrom])

/** Reads who reads where. @param alsoSentTo destinations that matter beside those of the last hour */
export async function readReaderBook(
  { pool, database }: Pick<DatabaseClient, 'pool' | 'database'>,
  alsoSentTo: readonly string[],
  nowMs: number,
): Promise<ReaderBook> {
  const sinceUs = nowMs * 1_000 - LATELY_US
  const sentTo = [...new Set([...(await readSentDestinations(pool, sinceUs)), ...alsoSentTo])]
  const [known, seen] = await Promise.all([
    listDestinationReaders(database, sentTo),
    readReceivers(pool, null, sinceUs),
  ])
  const places = new Set([...sentTo, ...known.map(({ destination }) => destination)])
  const relevant = seen.filter(({ destination }) => places.has(destination))
  const hosts = await readServiceHosts(pool, [...new Set(relevant.map(({ service }) => service))])
  const readers = withSeenReaders(known, relevant)
  const attributions = new Map<string, ConsumerAttribution>()
  const attribute = (receiver: SeenReceiver): ConsumerAttribution => {
    const key = JSON.stringify([receiver.service, receiver.destination, receiver.consumerGroup])
    const found =
      attributions.get(key) ??
      attributeConsumer({ ...receiver, clientId: null, hosts: hosts.get(receiver.service) ?? [] }, readers)
    attributions.set(key, found)
    return found
  }
  const traced = new Set(relevant.map((receiver) => `${receiver.destination}\0${attribute(receiver).group}`))
  return {
    readers,
    sentTo,
    attribute,
    isTraced: ({ destination, group }) => traced.has(`${destination}\0${group}`),
  }
}
