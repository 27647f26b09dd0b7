import { z } from 'zod'
import { listClustersOfDestination } from '#db/store/destination-clusters.ts'
import { Failure } from '#domain/failure.ts'
import { clusterKindOf } from '#domain/flow/destination-reader.ts'
import type { Hop } from '#domain/flow/flow.ts'
import { livePosition } from '#domain/flow/live-position.ts'
import type { ShelvedFlow } from '#server/flow-shelf.ts'
import type { Runtime } from '#server/runtime.ts'
import { type ShownHeader, showStoredHeader } from '#server/show-bytes.ts'
import { decodedAnswer, showPart, type ShownPart } from '#server/show-part.ts'

/** A message as it lies in its destination right now, masked. */
export interface LiveMessage {
  readonly clusterId: string
  readonly destination: string
  readonly position: string
  readonly key: ShownPart | null
  /** null = a tombstone. */
  readonly payload: ShownPart | null
  readonly headers: readonly ShownHeader[]
  readonly timestampMs: number | null
}

const answerSchema = z.object({
  key: z.base64().nullable(),
  payload: z.base64().nullable(),
  payloadBytes: z.number(),
  /** Collectors that know nothing of schemas leave these out. */
  decodedKey: decodedAnswer.default(null),
  decodedPayload: decodedAnswer.default(null),
  headers: z.array(z.object({ n: z.string(), t: z.string().exactOptional(), b: z.string().exactOptional() })),
  timestampMs: z.number().nullable(),
})

/** Headers beyond this are no message but an accident. */
const MOST_HEADERS = 200

/**
 * Asks a collector to read the message of a hop from where it lies, without consuming it.
 * @throws Failure `unsupported` when nobody knows where it lies, else what the collector says: `not-found` when it is gone
 */
export async function readLiveMessage(runtime: Runtime, shelved: ShelvedFlow, hopId: string): Promise<LiveMessage> {
  const { clusterId, destination, position } = await locateLiveMessage(runtime, shelved, hopId)
  const answer = await askForMessage(runtime, { clusterId, destination, position })
  const { key, payload, payloadBytes, headers, timestampMs, decodedKey, decodedPayload } = answer
  return {
    clusterId,
    destination,
    position,
    key: showPart(key, key?.byteLength ?? 0, decodedKey, runtime.maskRule),
    payload: showPart(payload, payloadBytes, decodedPayload, runtime.maskRule),
    headers: headers.slice(0, MOST_HEADERS).map((header) => showStoredHeader(header, runtime.maskRule)),
    timestampMs,
  }
}

export interface LivePlace {
  readonly clusterId: string
  readonly destination: string
  readonly position: string
}

/** Where the message of a hop lies. @throws Failure `not-found`, or `unsupported` when nobody knows where it lies */
export async function locateLiveMessage(runtime: Runtime, shelved: ShelvedFlow, hopId: string): Promise<LivePlace> {
  const hop = shelved.hopById.get(hopId)
  if (hop === undefined) throw new Failure('not-found', 'the flow has no such hop any more')
  const position = livePosition(hop)
  if (position === null) {
    throw new Failure('unsupported', 'neither the sender nor the receiver says where in the destination it is')
  }
  return { clusterId: await findCluster(runtime, hop), destination: hop.destination, position }
}

/** The message as a collector reads it, unmasked. @throws Failure as the collector says: `not-found` when it is gone */
export async function askForMessage(runtime: Runtime, { clusterId, destination, position }: LivePlace) {
  const answer = answerSchema.safeParse(
    await runtime.askCollector({ kind: 'read-message', clusterId, question: { destination, position } }),
  )
  if (!answer.success) throw new Failure('internal', 'the collector gave an answer that cannot be read')
  const { key, payload } = answer.data
  return {
    ...answer.data,
    key: key === null ? null : Buffer.from(key, 'base64'),
    payload: payload === null ? null : Buffer.from(payload, 'base64'),
  }
}

/** Who took it knows the cluster; else the only one of its kind that has such a destination. */
async function findCluster(runtime: Runtime, { attribution, destination, system }: Hop): Promise<string> {
  const known = await listClustersOfDestination(runtime.database, destination)
  const took = known.find(({ id }) => id === attribution?.clusterId)
  if (took !== undefined) return took.id
  const kind = clusterKindOf(system)
  const fitting = known.filter((one) => kind === null || one.kind === kind)
  const [only] = fitting
  if (only === undefined) throw new Failure('unsupported', `no connected cluster has ${destination}`)
  if (fitting.length > 1) {
    throw new Failure('unsupported', `${fitting.length} clusters have ${destination}, and nothing tells which one`)
  }
  return only.id
}
