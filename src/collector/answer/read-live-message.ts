import { z } from 'zod'
import { showableAnswer } from '#collector/answer/showable-answer.ts'
import { storeHeader } from '#db/stored-header.ts'
import type { BrokerDirectory } from '#collector/duty.ts'
import type { CollectorAnswer, CollectorQuestion } from '#db/store/collector-request-store.ts'
import { Failure } from '#domain/failure.ts'
import { parsePosition } from '#domain/position.ts'

const questionSchema = z.object({ destination: z.string().min(1), position: z.string().min(1) })

/** A live message beyond this is cut; its size is told. */
const MAX_PAYLOAD_BYTES = 1_048_576

/**
 * Reads one message from where it lies, without consuming it. The answer carries headers as stored headers, key and
 * payload in base64 (null = none), and both as the cluster's schema registry decodes them (null = they carry no id).
 *
 * @throws Failure `unsupported` where the broker cannot read by position, `not-found` when the message is gone
 */
export async function readLiveMessage(
  brokers: BrokerDirectory,
  clusterId: string,
  question: CollectorQuestion,
  signal: AbortSignal,
): Promise<CollectorAnswer> {
  const parsed = questionSchema.safeParse(question)
  const position = parsed.success ? parsePosition(parsed.data.position) : null
  if (!parsed.success || position === null) throw new Failure('invalid', 'the question names no position')
  const { destination } = parsed.data
  const broker = await brokers.get(clusterId)
  if (broker.replaySource === undefined) {
    throw new Failure('unsupported', `messages of ${clusterId} cannot be read by position`)
  }
  const message = (await broker.replaySource.readAt(destination, [position], signal))[0]
  if (message === undefined) {
    throw new Failure('not-found', `${destination} ${parsed.data.position} is not there any more`)
  }
  const decode = async (value: Uint8Array | null, part: 'key' | 'value') =>
    value === null || broker.schemas === undefined
      ? null
      : showableAnswer(await broker.schemas.decode(value, part, [destination], signal))
  const [decodedKey, decodedPayload] = await Promise.all([decode(message.key, 'key'), decode(message.payload, 'value')])
  return {
    destination,
    position: parsed.data.position,
    decodedKey,
    decodedPayload,
    key: message.key === null ? null : Buffer.from(message.key).toString('base64'),
    headers: message.headers.map(storeHeader),
    payload:
      message.payload === null ? null : Buffer.from(message.payload.subarray(0, MAX_PAYLOAD_BYTES)).toString('base64'),
    payloadBytes: message.payload?.length ?? 0,
    isPayloadCut: (message.payload?.length ?? 0) > MAX_PAYLOAD_BYTES,
    timestampMs: message.timestampMs,
    timestampKind: message.timestampKind,
  }
}
