import { z } from 'zod'
import type { Broker } from '#brokers/broker.ts'
import { showableAnswer } from '#collector/answer/showable-answer.ts'
import type { BrokerDirectory } from '#collector/duty.ts'
import type { Database } from '#db/client.ts'
import type { CollectorAnswer, CollectorQuestion } from '#db/store/collector-request-store.ts'
import { findDeadLetter, readDeadLetterBytes } from '#db/store/dead-letter-list.ts'
import { readArchivedMessages } from '#db/store/message-archive-store.ts'
import { Failure } from '#domain/failure.ts'
import { parsePosition } from '#domain/position.ts'

const questionSchema = z.object({ id: z.string().regex(/^[1-9]\d{0,15}$/) })

type Letter = NonNullable<Awaited<ReturnType<typeof findDeadLetter>>>

/**
 * What the cluster's schema registry makes of a dead letter's key and payload. A payload that the inbox holds in part is
 * read whole first.
 *
 * @throws Failure `not-found` when there is no such dead letter, `unsupported` where the cluster has no registry
 */
export async function decodeDeadLetter(
  brokers: BrokerDirectory,
  database: Database,
  clusterId: string,
  question: CollectorQuestion,
  signal: AbortSignal,
): Promise<CollectorAnswer> {
  const asked = questionSchema.safeParse(question)
  if (!asked.success) throw new Failure('invalid', 'the question names no dead letter')
  const [letter, bytes] = await Promise.all([
    findDeadLetter(database, asked.data.id),
    readDeadLetterBytes(database, asked.data.id),
  ])
  if (letter === null || bytes === null || letter.clusterId !== clusterId) {
    throw new Failure('not-found', `no dead letter ${asked.data.id}`)
  }
  const broker = await brokers.get(clusterId)
  if (broker.schemas === undefined) throw new Failure('unsupported', `${clusterId} has no schema registry`)
  const { schemas } = broker
  const payload = bytes.isPayloadCut ? await readWhole(broker, database, letter, signal) : bytes.payload
  const destinations = [letter.originDestination, letter.destination].flatMap((name) => name ?? [])
  const decode = async (value: Uint8Array | null, part: 'key' | 'value') =>
    value === null ? null : showableAnswer(await schemas.decode(value, part, destinations, signal))
  return {
    decodedKey: await decode(bytes.key, 'key'),
    decodedPayload: payload === undefined ? GONE : await decode(payload, 'value'),
  }
}

const GONE = {
  outcome: 'failed',
  schemaId: 0,
  reason: 'only its beginning is kept here, and it is gone at its source',
  detail: null,
  isTemporary: false,
} as const

/** undefined when neither its source nor our archive has it any more. */
async function readWhole(
  broker: Broker,
  database: Database,
  { id, destination, position: printed }: Letter,
  signal: AbortSignal,
): Promise<Uint8Array | null | undefined> {
  const [archived] = await readArchivedMessages(database, [Number(id)])
  if (archived !== undefined) return archived.payload
  const position = parsePosition(printed)
  if (position === null) return undefined
  return (await broker.replaySource?.readAt(destination, [position], signal))?.[0]?.payload
}
