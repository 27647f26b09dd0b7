import type { ClusterView, TopicView } from '#brokers/kafka/cluster-view.ts'
import { type DeadLetterSign, readDeadLetterSign } from '#brokers/kafka/dead-letter-headers.ts'
import { decodeRecords } from '#brokers/kafka/decode-records.ts'
import type { KafkaClient } from '#brokers/kafka/kafka-client.ts'
import { KAFKA_ERROR, toKafkaFailure } from '#brokers/kafka/kafka-failure.ts'
import { LATEST, listOffsets, READ_COMMITTED } from '#brokers/kafka/list-offsets.ts'

/** Topics whose newest record carries the headers of a dead letter. Remembers what it has seen, and looks at what is new. */
export interface NewestPeek {
  read(view: ClusterView, signal: AbortSignal): Promise<ReadonlyMap<string, DeadLetterSign>>
}

/** Only so many topics are looked at per call; the others wait for the next ones. */
const TOPICS_PER_CALL = 500
const TOPICS_PER_FETCH = 50
const BYTES_PER_TOPIC = 64 * 1024
const MAX_WAIT_MS = 100

interface Candidate {
  readonly topic: TopicView
  readonly partition: number
  readonly leader: number
  readonly end: bigint
}

interface Seen {
  readonly id: string
  readonly end: bigint
  readonly sign: DeadLetterSign | null
}

export function createNewestPeek(client: KafkaClient): NewestPeek {
  const seen = new Map<string, Seen>()
  return {
    async read(view, signal) {
      for (const name of seen.keys()) if (!view.topics.has(name)) seen.delete(name)
      const topics = [...view.topics.values()].filter((topic) => !topic.isInternal)
      const candidates = await findCandidates(client, view, topics, seen, signal)
      const byLeader = Map.groupBy(candidates.slice(0, TOPICS_PER_CALL), (one) => one.leader)
      await Promise.all(
        [...byLeader].map(async ([leader, all]) => {
          for (let at = 0; at < all.length; at += TOPICS_PER_FETCH) {
            await peek(client, view, leader, all.slice(at, at + TOPICS_PER_FETCH), seen, signal)
          }
        }),
      )
      return new Map([...seen].flatMap(([name, { sign }]) => (sign === null ? [] : [[name, sign] as const])))
    },
  }
}

/** The fullest partition of each topic that has grown since the last look; those never looked at come first. */
async function findCandidates(
  client: KafkaClient,
  view: ClusterView,
  topics: readonly TopicView[],
  seen: ReadonlyMap<string, Seen>,
  signal: AbortSignal,
): Promise<Candidate[]> {
  const question = { topics, nodes: view.nodes, timestamp: LATEST, isolation: READ_COMMITTED }
  const ends = (await listOffsets(client, question, signal)).offsets
  const candidates = topics.flatMap((topic): Candidate[] => {
    let best: Candidate | null = null
    for (const { partition, leader } of topic.partitions) {
      const end = ends.get(topic.name)?.get(partition) ?? 0n
      if (leader !== null && end > (best?.end ?? 0n)) best = { topic, partition, leader, end }
    }
    const known = seen.get(topic.name)
    const isNew = best !== null && (known === undefined || known.id !== topic.id || known.end !== best.end)
    return best !== null && isNew ? [best] : []
  })
  return candidates.toSorted((a, b) => Number(seen.has(a.topic.name)) - Number(seen.has(b.topic.name)))
}

async function peek(
  client: KafkaClient,
  view: ClusterView,
  leader: number,
  candidates: readonly Candidate[],
  seen: Map<string, Seen>,
  signal: AbortSignal,
): Promise<void> {
  const asked = candidates.map(({ topic, partition, end }) => ({
    topicId: topic.id,
    partitions: [
      {
        partition,
        currentLeaderEpoch: -1,
        fetchOffset: end - 1n,
        lastFetchedEpoch: -1,
        partitionMaxBytes: BYTES_PER_TOPIC,
      },
    ],
  }))
  const bytes = BYTES_PER_TOPIC * asked.length
  try {
    const node = view.nodes.get(leader) ?? null
    const request: Parameters<typeof client.look<'Fetch'>>[2] = [
      MAX_WAIT_MS,
      0,
      bytes,
      READ_COMMITTED,
      0,
      -1,
      asked,
      [],
      '',
    ]
    const answer = await client.look(node, 'Fetch', request, signal)
    for (const response of answer.responses) {
      const one = candidates.find((candidate) => candidate.topic.id === response.topicId)
      const fetched = response.partitions[0]
      if (one === undefined || fetched === undefined || fetched.errorCode !== KAFKA_ERROR.none) continue
      const { messages } = decodeRecords(one.topic.name, one.partition, fetched, one.end - 1n, one.end)
      const before = seen.get(one.topic.name)
      // A newest record without the headers (a marker, one put there by hand) does not undo an earlier finding.
      const sign = messages.map((message) => readDeadLetterSign(message.headers)).find((found) => found !== null)
      seen.set(one.topic.name, { id: one.topic.id, end: one.end, sign: sign ?? before?.sign ?? null })
    }
  } catch (error) {
    const failure = toKafkaFailure(error, 'peeking at topics')
    // Without the permission to read nothing is found by headers; the other ways remain.
    if (failure.retryable || signal.aborted) throw failure
  }
}
