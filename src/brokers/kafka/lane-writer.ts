import { abortable } from '#brokers/abortable.ts'
import type { OutgoingMessage, SendResult } from '#brokers/broker.ts'
import { leaderOf, type TopicDirectory } from '#brokers/kafka/cluster-view.ts'
import { encodeRecordBatch } from '#brokers/kafka/encode-record-batch.ts'
import type { KafkaApis } from '#brokers/kafka/kafka-apis.ts'
import type { KafkaClient } from '#brokers/kafka/kafka-client.ts'
import type { Produce } from '#brokers/kafka/write-produce.ts'
import { KAFKA_ERROR, failureOfCode, toKafkaFailure } from '#brokers/kafka/kafka-failure.ts'
import type { ProducerIdentities, ProducerIdentity } from '#brokers/kafka/producer-identity.ts'
import { Failure } from '#domain/failure.ts'

/** Appends to one partition, one batch after the other, so that order holds and a repeated batch is recognised. */
export interface LaneWriter {
  /** One result per message; never rejects. */
  write(messages: readonly OutgoingMessage[], signal: AbortSignal): Promise<SendResult[]>
}

interface LaneWriterOptions {
  readonly client: KafkaClient
  readonly topics: TopicDirectory
  readonly identities: ProducerIdentities
  readonly destination: string
  readonly partition: number
}

const ALL_IN_SYNC_REPLICAS = -1
const APPEND_TIMEOUT_MS = 10_000
/** A batch is tried again under the same sequence for so long before it is given up. */
const PATIENCE_MS = 20_000
const PAUSE_MS = 100
const MAX_SEQUENCE = 0x7fff_ffff

/** The batch as it is was not appended, and will be once the cluster has recovered. */
const PASSING = new Set<number>([
  KAFKA_ERROR.unknownTopicOrPartition,
  KAFKA_ERROR.leaderNotAvailable,
  KAFKA_ERROR.notLeader,
  KAFKA_ERROR.notEnoughReplicas,
  KAFKA_ERROR.storageError,
  KAFKA_ERROR.fencedLeaderEpoch,
])
/** Appended by the leader, perhaps not by the others. */
const UNSURE = new Set<number>([KAFKA_ERROR.requestTimedOut, KAFKA_ERROR.notEnoughReplicasAfterAppend])
/** The broker has lost, or never had, the state behind our sequence numbers. */
const STATE_LOST = new Set<number>([
  KAFKA_ERROR.outOfOrderSequence,
  KAFKA_ERROR.unknownProducerId,
  KAFKA_ERROR.invalidProducerEpoch,
  KAFKA_ERROR.invalidProducerIdMapping,
])
/** One record spoils its batch: halves of it may pass. */
const SPOILT = new Set<number>([
  KAFKA_ERROR.messageTooLarge,
  KAFKA_ERROR.recordListTooLarge,
  KAFKA_ERROR.invalidRecord,
  KAFKA_ERROR.invalidTimestamp,
])

type BatchOutcome =
  | { readonly kind: 'appended'; readonly firstOffset: bigint | null }
  | { readonly kind: 'refused'; readonly failure: Failure; readonly isSpoilt: boolean }
  | { readonly kind: 'unknown'; readonly failure: Failure }

type ProducePartition = Exclude<
  KafkaApis['Produce']['response'],
  boolean
>['responses'][number]['partitionResponses'][number]

export function createLaneWriter(options: LaneWriterOptions): LaneWriter {
  const lane: Lane = {
    ...options,
    subject: `${options.destination}/${options.partition}`,
    identity: null,
    sequence: 0,
    hasSent: false,
  }
  let tail: Promise<unknown> = Promise.resolve()
  return {
    write(messages, signal) {
      const written = tail.then(() => writeOrSplit(lane, messages, signal))
      tail = written
      return written
    },
  }
}

interface Lane extends LaneWriterOptions {
  readonly subject: string
  identity: ProducerIdentity | null
  sequence: number
  hasSent: boolean
}

async function writeOrSplit(
  lane: Lane,
  messages: readonly OutgoingMessage[],
  signal: AbortSignal,
): Promise<SendResult[]> {
  const outcome = await writeBatch(lane, messages, signal).catch((error: unknown): BatchOutcome => {
    lane.identity = null
    return { kind: 'unknown', failure: toKafkaFailure(error, `sending to ${lane.subject}`) }
  })
  if (outcome.kind === 'appended') {
    return messages.map((_, index) => ({
      outcome: 'confirmed',
      position: positionOf(lane, outcome.firstOffset, index),
    }))
  }
  if (outcome.kind === 'refused' && outcome.isSpoilt && messages.length > 1) {
    const middle = Math.ceil(messages.length / 2)
    const first = await writeOrSplit(lane, messages.slice(0, middle), signal)
    return [...first, ...(await writeOrSplit(lane, messages.slice(middle), signal))]
  }
  return messages.map(() => ({ outcome: outcome.kind, failure: outcome.failure }))
}

const positionOf = (lane: Lane, firstOffset: bigint | null, index: number) =>
  firstOffset === null ? null : { lane: String(lane.partition), sequence: String(firstOffset + BigInt(index)) }

/** Tries one batch under one sequence number until the broker has said yes or no, or patience ends. */
async function writeBatch(
  lane: Lane,
  messages: readonly OutgoingMessage[],
  signal: AbortSignal,
): Promise<BatchOutcome> {
  const nowMs = Date.now()
  const deadlineMs = Date.now() + PATIENCE_MS
  // Once a request may have reached the broker unanswered, only an answer to the same sequence can settle the batch.
  let isUnsure = false
  let trouble = new Failure('broker-unavailable', `${lane.subject}: not tried`)
  while (Date.now() < deadlineMs && !signal.aborted) {
    const attempt = await tryBatch(lane, { messages, nowMs, wasUnsure: isUnsure }, signal)
    isUnsure ||= attempt.isUnsure
    if (attempt.outcome !== null) return settle(lane, attempt.outcome, isUnsure, messages.length)
    trouble = attempt.trouble
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  const failure = signal.aborted
    ? new Failure('internal', `sending to ${lane.subject} was given up by its caller`, { retryable: true })
    : trouble
  return settle(lane, { kind: 'refused', failure, isSpoilt: false }, isUnsure, messages.length)
}

function settle(lane: Lane, outcome: BatchOutcome, isUnsure: boolean, count: number): BatchOutcome {
  if (outcome.kind === 'appended') {
    lane.sequence += count
    return outcome
  }
  // A refusal because of the records themselves is the same for every try; any other may hide an earlier append.
  if (!isUnsure || (outcome.kind === 'refused' && outcome.isSpoilt)) return outcome
  lane.identity = null
  const failure = new Failure(
    'outcome-unknown',
    `whether ${lane.subject} has it is unknown: ${outcome.failure.message}`,
    {
      cause: outcome.failure,
    },
  )
  return { kind: 'unknown', failure }
}

interface Attempt {
  /** null = try again. */
  readonly outcome: BatchOutcome | null
  readonly isUnsure: boolean
  readonly trouble: Failure
}

const NO_TROUBLE = new Failure('internal', 'none')

interface Batch {
  readonly messages: readonly OutgoingMessage[]
  /** The time of messages that have none: every try of a batch is the same to the byte. */
  readonly nowMs: number
  readonly wasUnsure: boolean
}

async function tryBatch(lane: Lane, batch: Batch, signal: AbortSignal): Promise<Attempt> {
  const subject = `sending to ${lane.subject}`
  let connection
  try {
    await ensureIdentity(lane, batch.messages.length, signal)
    const located = await lane.topics.find(lane.destination, signal)
    connection = await lane.client.connect(leaderOf(located, lane.partition), signal)
  } catch (error) {
    const trouble = toKafkaFailure(error, subject)
    lane.topics.forget(lane.destination)
    return { outcome: trouble.retryable ? null : refused(trouble), isUnsure: false, trouble }
  }
  try {
    const answer = await abortable(lane.client.produce(connection, produceOf(lane, batch)), signal)
    const answered = typeof answer === 'boolean' ? undefined : answer.responses[0]?.partitionResponses[0]
    if (answered === undefined) throw new Failure('broker-unavailable', `${subject}: the answer is empty`)
    return judge(lane, answered, batch.wasUnsure)
  } catch (error) {
    lane.topics.forget(lane.destination)
    return { outcome: null, isUnsure: true, trouble: toKafkaFailure(error, subject) }
  }
}

const refused = (failure: Failure, isSpoilt = false): BatchOutcome => ({ kind: 'refused', failure, isSpoilt })

/**
 * Sequences begin at 0 with every identity, so a lane uses the shared one at most once: the broker would take a second
 * batch with the same numbers for a repetition of the first and confirm it without appending.
 */
async function ensureIdentity(lane: Lane, count: number, signal: AbortSignal): Promise<void> {
  if (lane.identity !== null && lane.sequence + count <= MAX_SEQUENCE) return
  const { identities } = lane
  lane.identity = await (lane.hasSent ? identities.fresh(signal) : identities.shared(signal))
  lane.hasSent = true
  lane.sequence = 0
}

function produceOf(lane: Lane, { messages, nowMs }: Batch): Produce {
  const { producerId, producerEpoch } = lane.identity ?? { producerId: -1n, producerEpoch: -1 }
  const stamp = { producerId, producerEpoch, firstSequence: lane.sequence }
  return {
    acks: ALL_IN_SYNC_REPLICAS,
    timeoutMs: APPEND_TIMEOUT_MS,
    topic: lane.destination,
    partition: lane.partition,
    batch: encodeRecordBatch(messages, stamp, nowMs),
  }
}

function judge(lane: Lane, answered: ProducePartition, wasUnsure: boolean): Attempt {
  const code = answered.errorCode
  const appended = (firstOffset: bigint | null): Attempt => ({
    outcome: { kind: 'appended', firstOffset },
    isUnsure: false,
    trouble: NO_TROUBLE,
  })
  if (code === KAFKA_ERROR.none) return appended(answered.baseOffset < 0n ? null : answered.baseOffset)
  // The broker has this sequence already, too long ago to remember the offset.
  if (code === KAFKA_ERROR.duplicateSequence) return appended(null)
  const trouble = failureOfCode(code, `sending to ${lane.subject}`, answered.errorMessage)
  if (UNSURE.has(code)) return { outcome: null, isUnsure: true, trouble }
  if (PASSING.has(code)) {
    lane.topics.forget(lane.destination)
    return { outcome: null, isUnsure: false, trouble }
  }
  if (STATE_LOST.has(code)) return loseState(lane, trouble, wasUnsure)
  return { outcome: refused(trouble, SPOILT.has(code)), isUnsure: false, trouble }
}

/**
 * This try appended nothing. Under a new identity an earlier, unanswered try would no longer be recognised, so the
 * batch is repeated only when there was none.
 */
function loseState(lane: Lane, trouble: Failure, wasUnsure: boolean): Attempt {
  const isHopeless = wasUnsure || lane.sequence === 0
  lane.identity = null
  const again = new Failure('broker-unavailable', trouble.message)
  return { outcome: isHopeless ? refused(again) : null, isUnsure: false, trouble: again }
}
