import { KAFKA_ERROR, failureOfCode } from '#brokers/kafka/kafka-failure.ts'
import type { KafkaClient, KafkaNode } from '#brokers/kafka/kafka-client.ts'
import type { KafkaApis } from '#brokers/kafka/kafka-apis.ts'
import { Failure } from '#domain/failure.ts'

export interface PartitionView {
  readonly partition: number
  /** null while an election is on or the leader is gone. */
  readonly leader: number | null
  readonly replicas: number
  readonly inSync: number
}

export interface TopicView {
  readonly name: string
  /** What a fetch is addressed to: the topic's id, or its name on brokers that know no ids. Another id = recreated. */
  readonly id: string
  readonly isInternal: boolean
  readonly partitions: readonly PartitionView[]
}

export interface ClusterView {
  readonly clusterId: string
  readonly nodes: ReadonlyMap<number, KafkaNode>
  readonly topics: ReadonlyMap<string, TopicView>
  /** Topics that were named and not given: the Kafka error code. */
  readonly refused: ReadonlyMap<string, number>
}

type MetadataTopic = KafkaApis['Metadata']['response']['topics'][number]

/** The cluster with all topics that this user may describe (`null`), or with those named. */
export async function readClusterView(
  client: KafkaClient,
  names: readonly string[] | null,
  signal: AbortSignal,
): Promise<ClusterView> {
  const answer = await client.look(null, 'Metadata', [names === null ? null : [...names], false, false], signal)
  const topics = new Map<string, TopicView>()
  const refused = new Map<string, number>()
  for (const topic of answer.topics) {
    if (!topic.name) continue
    if (topic.errorCode === KAFKA_ERROR.none) topics.set(topic.name, toTopicView(topic.name, topic))
    else refused.set(topic.name, topic.errorCode)
  }
  const nodes = new Map(answer.brokers.map((node) => [node.nodeId, { host: node.host, port: node.port }]))
  return { clusterId: answer.clusterId ?? '', nodes, topics, refused }
}

const toTopicView = (name: string, topic: MetadataTopic): TopicView => ({
  name,
  id: topic.topicId || name,
  isInternal: topic.isInternal || name === '__consumer_offsets' || name === '__transaction_state',
  partitions: topic.partitions
    .map((one) => ({
      partition: one.partitionIndex,
      leader: one.leaderId < 0 ? null : one.leaderId,
      replicas: one.replicaNodes.length,
      inSync: one.isrNodes.length,
    }))
    .toSorted((one, other) => one.partition - other.partition),
})

/** How long a topic's leaders may be remembered; a moved leader is noticed by its answer anyway. */
const TOPIC_AGE_MS = 5_000
const SECOND_LOOK_MS = 150

export interface TopicDirectory {
  /** @throws Failure `not-found`, `forbidden`; an unknown topic was asked for twice, as metadata spreads late. */
  find(name: string, signal: AbortSignal): Promise<LocatedTopic>
  forget(name: string): void
}

export interface LocatedTopic {
  readonly topic: TopicView
  readonly nodes: ReadonlyMap<number, KafkaNode>
}

/** Topics by name with their leaders, remembered for seconds. */
export function createTopicDirectory(client: KafkaClient): TopicDirectory {
  const known = new Map<string, { readonly located: LocatedTopic; readonly atMs: number }>()
  return {
    async find(name, signal) {
      const entry = known.get(name)
      if (entry !== undefined && Date.now() - entry.atMs < TOPIC_AGE_MS) return entry.located
      for (let attempt = 0; ; attempt++) {
        const view = await readClusterView(client, [name], signal)
        const topic = view.topics.get(name)
        if (topic !== undefined) {
          const located = { topic, nodes: view.nodes }
          known.set(name, { located, atMs: Date.now() })
          return located
        }
        known.delete(name)
        const code = view.refused.get(name) ?? KAFKA_ERROR.unknownTopicOrPartition
        if (attempt > 0 || code !== KAFKA_ERROR.unknownTopicOrPartition) throw failureOfCode(code, `topic ${name}`)
        await new Promise((resolve) => setTimeout(resolve, SECOND_LOOK_MS))
      }
    },
    forget: (name) => void known.delete(name),
  }
}

/** @throws Failure `broker-unavailable` while the partition has no leader */
export function leaderOf({ topic, nodes }: LocatedTopic, partition: number): KafkaNode {
  const leader = topic.partitions.find((one) => one.partition === partition)?.leader ?? null
  const node = leader === null ? undefined : nodes.get(leader)
  if (node === undefined) {
    throw new Failure('broker-unavailable', `partition ${partition} of ${topic.name} has no leader at the moment`)
  }
  return node
}
