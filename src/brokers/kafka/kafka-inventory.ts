import type { Destination, Inventory } from '#brokers/broker.ts'
import { type ClusterView, readClusterView, type TopicView } from '#brokers/kafka/cluster-view.ts'
import { describeGroups } from '#brokers/kafka/describe-groups.ts'
import { fetchCommits } from '#brokers/kafka/fetch-commits.ts'
import { groupDestinations, namedTopics } from '#brokers/kafka/kafka-lag.ts'
import type { KafkaClient } from '#brokers/kafka/kafka-client.ts'
import { KAFKA_ERROR, failureOfCode, toKafkaFailure } from '#brokers/kafka/kafka-failure.ts'
import { listGroups } from '#brokers/kafka/list-groups.ts'
import { createUnreadableList, type UnreadableList } from '#brokers/kafka/unreadable-list.ts'

/** The settings that decide what is kept, for how long, and what a confirmation is worth. */
const SETTINGS = [
  'cleanup.policy',
  'retention.ms',
  'retention.bytes',
  'min.insync.replicas',
  'max.message.bytes',
  'message.timestamp.type',
  'unclean.leader.election.enable',
]

const TOPICS_PER_REQUEST = 1_000
const TOPIC_RESOURCE = 2

/** Topics with their settings, groups of all types with members. What may not be read is in `unreadable`. */
export async function readKafkaInventory(client: KafkaClient, signal: AbortSignal): Promise<Inventory> {
  const unreadable = createUnreadableList()
  const view = await readClusterView(client, null, signal)
  for (const [topic, code] of view.refused) {
    unreadable.add('topic', topic, failureOfCode(code, 'reading its metadata').message)
  }
  const [settings, listed] = await Promise.all([
    readTopicSettings(client, [...view.topics.keys()], unreadable, signal),
    listGroups(client, view, unreadable, signal),
  ])
  const described = await describeGroups(client, listed, unreadable, signal)
  const commits = await fetchCommits(client, listed, unreadable, signal)
  const destinations = groupDestinations(described, commits)
  namedTopics(view, destinations, unreadable)
  return {
    destinations: toDestinations(view, settings),
    groups: [...described].map(([name, { group, state, members }]) => ({
      name,
      state,
      protocol: group.protocolType || group.type,
      members,
      destinations: [...(destinations.get(name) ?? [])],
    })),
    unreadable: unreadable.entries(),
  }
}

export type TopicSettings = ReadonlyMap<string, ReadonlyMap<string, string | null>>

/** Settings by topic; a topic that refuses them is missing, with the reason in `unreadable`. */
export async function readTopicSettings(
  client: KafkaClient,
  topics: readonly string[],
  unreadable: UnreadableList,
  signal: AbortSignal,
): Promise<TopicSettings> {
  const settings = new Map<string, Map<string, string | null>>()
  const batches = Array.from({ length: Math.ceil(topics.length / TOPICS_PER_REQUEST) }, (_, index) =>
    topics.slice(index * TOPICS_PER_REQUEST, (index + 1) * TOPICS_PER_REQUEST),
  )
  await Promise.all(
    batches.map(async (batch) => {
      const resources = batch.map((resourceName) => ({
        resourceType: TOPIC_RESOURCE,
        resourceName,
        configurationKeys: SETTINGS,
      })) as { resourceType: typeof TOPIC_RESOURCE; resourceName: string; configurationKeys: string[] }[]
      try {
        const answer = await client.look(null, 'DescribeConfigs', [resources, false, false], signal)
        for (const one of answer.results) {
          if (one.errorCode !== KAFKA_ERROR.none) {
            unreadable.add('settings of topic', one.resourceName, failureOfCode(one.errorCode, 'reading them').message)
            continue
          }
          settings.set(one.resourceName, new Map(one.configs.map((config) => [config.name, config.value ?? null])))
        }
      } catch (error) {
        const failure = toKafkaFailure(error, 'reading settings')
        if (signal.aborted) throw failure
        for (const topic of batch) unreadable.add('settings of topic', topic, failure.message)
      }
    }),
  )
  return settings
}

const toDestinations = (view: ClusterView, settings: TopicSettings): Destination[] =>
  [...view.topics.values()].map((topic) => ({
    name: topic.name,
    kind: 'topic',
    isInternal: topic.isInternal,
    lanes: topic.partitions.map((one) => String(one.partition)),
    retentionMs: retentionOf(settings.get(topic.name)),
    hasSizeLimit: Number(settings.get(topic.name)?.get('retention.bytes') ?? -1) >= 0,
    isCompacted: (settings.get(topic.name)?.get('cleanup.policy') ?? '').includes('compact'),
    settings: {
      ...Object.fromEntries(settings.get(topic.name) ?? []),
      'replication.factor': replicationFactor(topic),
    },
  }))

const replicationFactor = (topic: TopicView): string | null =>
  topic.partitions.length === 0 ? null : String(Math.min(...topic.partitions.map((one) => one.replicas)))

/** null where nothing is deleted by age: unlimited, unknown, or compacted only. */
export function retentionOf(settings: ReadonlyMap<string, string | null> | undefined): number | null {
  const milliseconds = Number(settings?.get('retention.ms') ?? Number.NaN)
  const deletes = (settings?.get('cleanup.policy') ?? 'delete').includes('delete')
  return deletes && Number.isFinite(milliseconds) && milliseconds >= 0 ? milliseconds : null
}
