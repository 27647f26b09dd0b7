import { z } from 'zod'
import { findActiveCluster } from '#db/store/cluster-store.ts'
import { findDeadLetter, readDeadLetterBytes } from '#db/store/dead-letter-list.ts'
import { Failure } from '#domain/failure.ts'
import { readFrame } from '#domain/schema/read-frame.ts'
import type { DecodedBytes } from '#domain/schema/schema-answer.ts'
import type { Runtime } from '#server/runtime.ts'
import { decodedAnswer, showPart, type ShownPart } from '#server/show-part.ts'

export interface DeadLetterParts {
  readonly key: ShownPart | null
  /** null = a tombstone. */
  readonly payload: ShownPart | null
  readonly isPayloadCut: boolean
}

interface Decoded {
  readonly decodedKey: DecodedBytes | null
  readonly decodedPayload: DecodedBytes | null
}

const answerSchema = z.object({ decodedKey: decodedAnswer, decodedPayload: decodedAnswer })
const NOTHING: Decoded = { decodedKey: null, decodedPayload: null }

/**
 * Key and payload of a dead letter, masked; decoded by the cluster's schema registry where they carry a schema id.
 * @throws Failure `not-found` when there is no such dead letter
 */
export async function readDeadLetterParts(runtime: Runtime, id: string): Promise<DeadLetterParts> {
  const [found, letter] = await Promise.all([
    readDeadLetterBytes(runtime.database, id),
    findDeadLetter(runtime.database, id),
  ])
  if (found === null || letter === null) throw new Failure('not-found', `no dead letter ${id}`)
  const { key, payload, payloadBytes, isPayloadCut } = found
  const frames = { key: key && readFrame(key), payload: payload && readFrame(payload) }
  const isFramed = frames.key !== null || frames.payload !== null
  const decoded =
    isFramed && (await hasRegistry(runtime, letter.clusterId))
      ? await askToDecode(runtime, letter.clusterId, id, [frames.key?.schemaId, frames.payload?.schemaId])
      : NOTHING
  return {
    key: showPart(key, key?.byteLength ?? 0, decoded.decodedKey, runtime.maskRule),
    payload: showPart(payload, payloadBytes, decoded.decodedPayload, runtime.maskRule),
    isPayloadCut,
  }
}

const hasRegistry = async ({ database }: Runtime, clusterId: string): Promise<boolean> =>
  (await findActiveCluster(database, clusterId))?.configuration['schemaRegistry'] !== undefined

/** Only a collector may speak to the registry. One that does not answer is said on the message, whose bytes are at hand. */
async function askToDecode(
  runtime: Runtime,
  clusterId: string,
  id: string,
  [keySchemaId, payloadSchemaId]: readonly (number | undefined)[],
): Promise<Decoded> {
  try {
    const answer = answerSchema.safeParse(
      await runtime.askCollector({ kind: 'decode-dead-letter', clusterId, question: { id } }),
    )
    if (answer.success) return answer.data
    throw new Failure('internal', 'the collector gave an answer that cannot be read')
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    if (error.code === 'unsupported') return NOTHING
    const failed = (schemaId: number | undefined): DecodedBytes | null =>
      schemaId === undefined
        ? null
        : { outcome: 'failed', schemaId, reason: error.message, detail: null, isTemporary: error.retryable }
    return { decodedKey: failed(keySchemaId), decodedPayload: failed(payloadSchemaId) }
  }
}
