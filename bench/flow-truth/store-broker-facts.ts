import type { Database } from '#db/client.ts'
import { cluster, consumerGroup, destination, groupLag } from '#db/schema/cluster.ts'
import { deadLetter } from '#db/schema/dead-letter.ts'
import type { Truth } from './read-truth.ts'

export const CLUSTER_ID = 'captured'

/**
 * Stores what the product reads from a broker beside the spans: which groups read where and how far they have come, and
 * the dead letters with their headers. A capture holds spans only; brokers without groups give none here either.
 */
export async function storeBrokerFacts(database: Database, truth: Truth): Promise<void> {
  const seenAt = new Date(truth.endedMs)
  await database
    .insert(cluster)
    .values({ id: CLUSTER_ID, kind: 'kafka', name: 'Captured', configuration: {}, status: 'connected' })
  for (const { group, destination: name, committed } of truth.groups) {
    const lanes = [...committed].map(([lane, position]) => ({
      lane,
      committed: position,
      start: 0,
      end: position,
      timeBehindMs: 0,
      timeBehindErrorMs: 0,
    }))
    const place = {
      clusterId: CLUSTER_ID,
      name,
      kind: 'topic' as const,
      lanes: [...committed.keys()],
      settings: {},
      seenAt,
    }
    await database.insert(destination).values(place).onConflictDoNothing()
    await database
      .insert(consumerGroup)
      .values({ clusterId: CLUSTER_ID, name: group, state: 'stable', members: null, seenAt })
      .onConflictDoNothing()
    const lag = { state: 'ok', sentence: '', lagMessages: 0, lostMessages: 0, lanes, stateSince: seenAt, asOf: seenAt }
    await database.insert(groupLag).values({ clusterId: CLUSTER_ID, groupName: group, destination: name, ...lag })
  }
  for (const letter of truth.orders.flatMap((order) => order.deadLetter ?? [])) {
    const [traceId = null, spanId = null] = letter.sender?.split(':') ?? []
    await database
      .insert(deadLetter)
      .values({
        clusterId: CLUSTER_ID,
        destination: letter.destination,
        position: letter.position,
        deadAt: new Date(letter.atMs),
        dialect: 'unknown',
        originDestination: letter.originDestination,
        originPosition: letter.originPosition,
        exceptionMessage: letter.error,
        fingerprint: '0',
        fingerprintTitle: 'captured',
        correlationId: letter.correlationId,
        traceId,
        spanId,
        headers: [],
        payloadBytes: 0,
      })
      .onConflictDoNothing()
  }
}
