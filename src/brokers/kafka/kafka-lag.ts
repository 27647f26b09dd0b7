import type { LagSnapshot, LaneLag } from '#brokers/broker.ts'
import { type ClusterView, readClusterView, type TopicView } from '#brokers/kafka/cluster-view.ts'
import { type DescribedGroup, describeGroups } from '#brokers/kafka/describe-groups.ts'
import { type Commits, fetchCommits } from '#brokers/kafka/fetch-commits.ts'
import type { KafkaClient } from '#brokers/kafka/kafka-client.ts'
import { KAFKA_ERROR, failureOfCode } from '#brokers/kafka/kafka-failure.ts'
import { listGroups, type ListedGroup } from '#brokers/kafka/list-groups.ts'
import { EARLIEST, LATEST, listOffsets, READ_UNCOMMITTED } from '#brokers/kafka/list-offsets.ts'
import { createUnreadableList, type UnreadableList } from '#brokers/kafka/unreadable-list.ts'

/** Positions of every group on every topic that it has committed to or is assigned. Commits are read before ends. */
export async function readKafkaLag(client: KafkaClient, signal: AbortSignal): Promise<LagSnapshot> {
  const unreadable = createUnreadableList()
  const view = await readClusterView(client, null, signal)
  const groups = await listGroups(client, view, unreadable, signal)
  return readGroupsLag({ client, view, groups, unreadable, signal })
}

/** One group on one topic: the same figures as {@link readKafkaLag} gives, for a closer look. */
export async function readGroupOffsets(
  client: KafkaClient,
  group: string,
  destination: string,
  signal: AbortSignal,
): Promise<readonly LaneLag[]> {
  const unreadable = createUnreadableList()
  const view = await readClusterView(client, [destination], signal)
  const topic = view.topics.get(destination)
  if (topic === undefined) {
    const code = view.refused.get(destination) ?? KAFKA_ERROR.unknownTopicOrPartition
    throw failureOfCode(code, `topic ${destination}`)
  }
  const groups = (await listGroups(client, view, unreadable, signal)).filter((one) => one.name === group)
  const snapshot = await readGroupsLag({ client, view, groups, unreadable, signal })
  return snapshot.lanes.filter((lane) => lane.destination === destination)
}

interface Question {
  readonly client: KafkaClient
  readonly view: ClusterView
  readonly groups: readonly ListedGroup[]
  readonly unreadable: UnreadableList
  readonly signal: AbortSignal
}

async function readGroupsLag({ client, view, groups, unreadable, signal }: Question): Promise<LagSnapshot> {
  const described = await describeGroups(client, groups, unreadable, signal)
  const committedAtMs = Date.now()
  const commits = await fetchCommits(client, groups, unreadable, signal)
  const destinations = groupDestinations(described, commits)
  const topics = namedTopics(view, destinations, unreadable)
  const endAtMs = Date.now()
  const ask = (timestamp: bigint) =>
    listOffsets(client, { topics, nodes: view.nodes, timestamp, isolation: READ_UNCOMMITTED }, signal)
  const [ends, starts] = await Promise.all([ask(LATEST), ask(EARLIEST)])
  for (const { broker, reason } of ends.silent) unreadable.add('ends of partitions of broker', String(broker), reason)
  for (const [topic, partitions] of ends.refused) {
    for (const [partition, code] of partitions) {
      unreadable.add('end of partition', `${topic}/${partition}`, failureOfCode(code, 'reading it').message)
    }
  }
  const lanes: LaneLag[] = []
  for (const [group, names] of destinations) {
    for (const name of names) {
      const [end, start] = [ends.offsets.get(name), starts.offsets.get(name)]
      const committed = commits.get(group)?.get(name)
      for (const { partition } of view.topics.get(name)?.partitions ?? []) {
        const [last, first] = [end?.get(partition), start?.get(partition)]
        if (last === undefined || first === undefined) continue
        lanes.push({
          group,
          destination: name,
          lane: String(partition),
          committed: toNumber(committed?.get(partition)),
          start: Number(first),
          end: Number(last),
          oldestAgeMs: null,
        })
      }
    }
  }
  return { committedAtMs, endAtMs, lanes, unreadable: unreadable.entries() }
}

const toNumber = (offset: bigint | undefined): number | null => (offset === undefined ? null : Number(offset))

/** By group: topics that it has committed to, and those that its members are assigned. */
export function groupDestinations(
  described: ReadonlyMap<string, DescribedGroup>,
  commits: Commits,
): Map<string, Set<string>> {
  const destinations = new Map<string, Set<string>>()
  for (const [name, { members }] of described) {
    const assigned = (members ?? []).flatMap((member) => member.assignments.map((one) => one.destination))
    destinations.set(name, new Set([...(commits.get(name)?.keys() ?? []), ...assigned]))
  }
  return destinations
}

/** Topics that some group works on. One that metadata does not show is deleted, or hidden from this user. */
export function namedTopics(
  view: ClusterView,
  destinations: ReadonlyMap<string, ReadonlySet<string>>,
  unreadable: UnreadableList,
): TopicView[] {
  const topics = new Map<string, TopicView>()
  for (const [group, names] of destinations) {
    for (const name of names) {
      const topic = view.topics.get(name)
      if (topic !== undefined) topics.set(name, topic)
      else if (view.refused.size === 0 || !view.refused.has(name)) {
        unreadable.add('topic', name, `group ${group} works on it, but it is deleted or hidden from this user`)
      }
    }
  }
  return [...topics.values()]
}
