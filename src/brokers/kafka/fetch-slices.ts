import { abortable } from '#brokers/abortable.ts'
import { leaderOf, type LocatedTopic, type TopicDirectory } from '#brokers/kafka/cluster-view.ts'
import { type DecodedSlice, decodeRecords } from '#brokers/kafka/decode-records.ts'
import type { KafkaClient, KafkaNode } from '#brokers/kafka/kafka-client.ts'
import { KAFKA_ERROR, failureOfCode, toKafkaFailure } from '#brokers/kafka/kafka-failure.ts'
import { READ_COMMITTED } from '#brokers/kafka/list-offsets.ts'
import { Failure } from '#domain/failure.ts'

/** One partition's part of a bounded read: from the next offset to the end that was fixed when the read began. */
export interface LaneCursor {
  readonly partition: number
  next: bigint
  readonly end: bigint
}

export type Slice = DecodedSlice & { readonly cursor: LaneCursor; readonly isOutOfRange: boolean }

const MAX_WAIT_MS = 500
const MAX_BYTES = 8 * 1024 * 1024
const MIN_PARTITION_BYTES = 64 * 1024
const MAX_ATTEMPTS = 6
const PAUSE_MS = 200

/** Answers that mean: somebody else leads now, or will in a moment. */
const MOVED = new Set<number>([
  KAFKA_ERROR.leaderNotAvailable,
  KAFKA_ERROR.notLeader,
  KAFKA_ERROR.fencedLeaderEpoch,
  KAFKA_ERROR.unknownLeaderEpoch,
  KAFKA_ERROR.offsetNotAvailable,
  KAFKA_ERROR.storageError,
  KAFKA_ERROR.unknownTopicOrPartition,
  KAFKA_ERROR.unknownTopicId,
  KAFKA_ERROR.inconsistentTopicId,
])

export interface SliceReader {
  readonly client: KafkaClient
  readonly topics: TopicDirectory
  readonly located: LocatedTopic
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/**
 * Fetches until every cursor is at its end, without a group and without a session. Yields what each fetch brought and
 * moves the cursor afterwards. A cursor below the log's start is yielded as out of range for the caller to move.
 * @throws Failure `not-found` when the topic is gone, TopicMadeAnew when it is another one now, `broker-unavailable` when no leader answers
 */
export async function* fetchSlices(reader: SliceReader, cursors: readonly LaneCursor[]): AsyncGenerator<Slice> {
  let located = reader.located
  let fruitless = 0
  for (;;) {
    const open = cursors.filter((cursor) => cursor.next < cursor.end)
    if (open.length === 0) return
    const { slices, trouble } = await fetchRound({ ...reader, located }, open)
    let isMoving = false
    for (const slice of slices) {
      const before = slice.cursor.next
      yield slice
      if (!slice.isOutOfRange) slice.cursor.next = slice.next
      isMoving ||= slice.cursor.next > before
    }
    fruitless = isMoving ? 0 : fruitless + 1
    if (isMoving && trouble === null) continue
    if (fruitless >= MAX_ATTEMPTS) {
      throw trouble ?? new Failure('broker-unavailable', `reading ${located.topic.name} does not get ahead`)
    }
    await pause(PAUSE_MS, reader.signal)
    located = await relocate(reader, located)
  }
}

async function relocate(reader: SliceReader, before: LocatedTopic): Promise<LocatedTopic> {
  reader.topics.forget(before.topic.name)
  const located = await reader.topics.find(before.topic.name, reader.signal)
  if (located.topic.id !== before.topic.id) {
    throw new TopicMadeAnew(before.topic.name)
  }
  return located
}

/** What was being read is gone; under its name there is something else. */
export class TopicMadeAnew extends Failure {
  constructor(topic: string) {
    super('not-found', `topic ${topic} was deleted and made anew while it was read`)
  }
}

interface Round {
  readonly slices: Slice[]
  readonly trouble: Failure | null
}

/** One fetch per leader. A leader that fails is trouble for its partitions alone. */
async function fetchRound(reader: SliceReader, cursors: readonly LaneCursor[]): Promise<Round> {
  const byLeader = new Map<KafkaNode, LaneCursor[]>()
  let trouble: Failure | null = null
  for (const cursor of cursors) {
    try {
      const node = leaderOf(reader.located, cursor.partition)
      byLeader.set(node, [...(byLeader.get(node) ?? []), cursor])
    } catch (error) {
      trouble = toKafkaFailure(error, 'reading')
    }
  }
  const rounds = await Promise.all([...byLeader].map(([node, of]) => fetchFrom(reader, node, of)))
  return {
    slices: rounds.flatMap((round) => round.slices),
    trouble: rounds.find((round) => round.trouble !== null)?.trouble ?? trouble,
  }
}

async function fetchFrom(reader: SliceReader, node: KafkaNode, cursors: readonly LaneCursor[]): Promise<Round> {
  const { client, located, signal } = reader
  const { topic } = located
  const bytes = Math.min(MAX_BYTES, Math.max(MIN_PARTITION_BYTES, reader.maxBytes))
  const partitions = cursors.map((cursor) => ({
    partition: cursor.partition,
    currentLeaderEpoch: -1,
    fetchOffset: cursor.next,
    lastFetchedEpoch: -1,
    partitionMaxBytes: Math.max(MIN_PARTITION_BYTES, Math.ceil(bytes / cursors.length)),
  }))
  const request: Parameters<typeof client.look<'Fetch'>>[2] = [
    MAX_WAIT_MS,
    1,
    bytes,
    READ_COMMITTED,
    0,
    -1,
    [{ topicId: topic.id, partitions }],
    [],
    '',
  ]
  let answer
  try {
    answer = await client.look(node, 'Fetch', request, signal)
  } catch (error) {
    const failure = toKafkaFailure(error, `reading ${topic.name}`)
    if (signal.aborted || !failure.retryable) throw failure
    return { slices: [], trouble: failure }
  }
  if (answer.throttleTimeMs > 0) await pause(answer.throttleTimeMs, signal)
  const slices: Slice[] = []
  let trouble = answer.errorCode === KAFKA_ERROR.none ? null : failureOfCode(answer.errorCode, `reading ${topic.name}`)
  for (const fetched of answer.responses.flatMap((response) => response.partitions)) {
    const cursor = cursors.find((one) => one.partition === fetched.partitionIndex)
    if (cursor === undefined) continue
    if (fetched.errorCode === KAFKA_ERROR.offsetOutOfRange) {
      slices.push({ cursor, messages: [], next: cursor.next, isOutOfRange: true })
    } else if (fetched.errorCode !== KAFKA_ERROR.none) {
      trouble = failureOfCode(fetched.errorCode, `reading ${topic.name}/${cursor.partition}`)
      if (!MOVED.has(fetched.errorCode)) throw trouble
    } else {
      const decoded = decodeRecords(topic.name, cursor.partition, fetched, cursor.next, cursor.end)
      slices.push({ ...decoded, cursor, isOutOfRange: false })
    }
  }
  return { slices, trouble }
}

/** Waits, or fails as soon as the caller gives up. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  try {
    await abortable(new Promise((resolve) => (timer = setTimeout(resolve, ms))), signal)
  } finally {
    clearTimeout(timer)
  }
}
