import type { ClusterView, TopicView } from '#brokers/kafka/cluster-view.ts'
import { KAFKA_ERROR, toKafkaFailure } from '#brokers/kafka/kafka-failure.ts'
import type { KafkaClient, KafkaNode } from '#brokers/kafka/kafka-client.ts'

/** What ListOffsets is asked for: a time in milliseconds since the epoch, or one of the two ends. */
export const LATEST = -1n
export const EARLIEST = -2n

/** read_uncommitted sees the high watermark; read_committed ends before the first open transaction. */
export const READ_UNCOMMITTED = 0
export const READ_COMMITTED = 1

export interface OffsetQuestion {
  readonly topics: readonly TopicView[]
  readonly nodes: ClusterView['nodes']
  readonly timestamp: bigint
  readonly isolation: number
}

export interface OffsetAnswers {
  /** By topic and partition; -1 = the broker knows none (a time past the end). */
  readonly offsets: ReadonlyMap<string, ReadonlyMap<number, bigint>>
  /** By topic and partition: Kafka's error code. */
  readonly refused: ReadonlyMap<string, ReadonlyMap<number, number>>
  /** Brokers that did not answer at all, with the reason. */
  readonly silent: readonly { readonly broker: number; readonly reason: string }[]
}

/** One request per broker for all partitions that it leads, all brokers at once. Partial answers are answers. */
export async function listOffsets(
  client: KafkaClient,
  question: OffsetQuestion,
  signal: AbortSignal,
): Promise<OffsetAnswers> {
  const offsets = new Map<string, Map<number, bigint>>()
  const refused = new Map<string, Map<number, number>>()
  const silent: { broker: number; reason: string }[] = []
  const byLeader = groupByLeader(question, (topic, partition) => {
    put(refused, topic, partition, KAFKA_ERROR.leaderNotAvailable)
  })
  await Promise.all(
    [...byLeader].map(async ([leader, { node, topics }]) => {
      try {
        const answer = await client.look(node, 'ListOffsets', [-1, question.isolation, topics], signal)
        for (const topic of answer.topics) {
          for (const one of topic.partitions) {
            if (one.errorCode === KAFKA_ERROR.none) put(offsets, topic.name, one.partitionIndex, one.offset)
            else put(refused, topic.name, one.partitionIndex, one.errorCode)
          }
        }
      } catch (error) {
        const failure = toKafkaFailure(error, `broker ${leader}`)
        if (signal.aborted) throw failure
        silent.push({ broker: leader, reason: failure.message })
      }
    }),
  )
  return { offsets, refused, silent }
}

function put<Value>(into: Map<string, Map<number, Value>>, topic: string, partition: number, value: Value): void {
  const row = into.get(topic)
  if (row === undefined) into.set(topic, new Map([[partition, value]]))
  else row.set(partition, value)
}

type Asked = { name: string; partitions: { partitionIndex: number; currentLeaderEpoch: number; timestamp: bigint }[] }

function groupByLeader(
  question: OffsetQuestion,
  onLeaderless: (topic: string, partition: number) => void,
): Map<number, { node: KafkaNode; topics: Asked[] }> {
  const byLeader = new Map<number, { node: KafkaNode; topics: Asked[] }>()
  for (const topic of question.topics) {
    for (const { partition, leader } of topic.partitions) {
      const node = leader === null ? undefined : question.nodes.get(leader)
      if (leader === null || node === undefined) {
        onLeaderless(topic.name, partition)
        continue
      }
      const group = byLeader.get(leader) ?? { node, topics: [] }
      byLeader.set(leader, group)
      let asked = group.topics.at(-1)
      if (asked?.name !== topic.name) {
        asked = { name: topic.name, partitions: [] }
        group.topics.push(asked)
      }
      asked.partitions.push({ partitionIndex: partition, currentLeaderEpoch: -1, timestamp: question.timestamp })
    }
  }
  return byLeader
}
