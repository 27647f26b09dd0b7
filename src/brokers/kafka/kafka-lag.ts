import type { BlindLane, LagSnapshot, LaneLag } from '#brokers/broker.ts'
import { type ClusterView, readClusterView, type TopicView } from '#brokers/kafka/cluster-view.ts'
import { type DescribedGroup, describeGroups } from '#brokers/kafka/describe-groups.ts'
import { type Commits, fetchCommits } from '#brokers/kafka/fetch-commits.ts'
import type { KafkaClient } from '#brokers/kafka/kafka-client.ts'
import { KAFKA_ERROR, failureOfCode } from '#brokers/kafka/kafka-failure.ts'
import { listGroups, type ListedGroup } from '#brokers/kafka/list-groups.ts'
import {
  EARLIEST,
  LATEST,
  listOffsets,
  type OffsetAnswers,
  READ_COMMITTED,
  READ_UNCOMMITTED,
} from '#brokers/kafka/list-offsets.ts'
import { createUnreadableList, type UnreadableList } from '#brokers/kafka/unreadable-list.ts'

/** Positions of every group on every topic that it has committed to or is assigned. Commits are read before ends. */
export async function readKafkaLag(client: KafkaClient, signal: AbortSignal): Promise<LagSnapshot> {
  const unreadable = createUnreadableList()
  const view = await readClusterView(client, null, signal)
  let groupsMissingBecause: string | null = null
  const groups = await listGroups(client, view, unreadable, signal, (reason) => {
    groupsMissingBecause = reason
  })
  const snapshot = await readGroupsLag({ client, view, groups, unreadable, signal })
  return { ...snapshot, groupsMissingBecause }
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

async function readGroupsLag({
  client,
  view,
  groups,
  unreadable,
  signal,
}: Question): Promise<Omit<LagSnapshot, 'groupsMissingBecause'>> {
  const described = await describeGroups(client, groups, unreadable, signal)
  const committedAtMs = Date.now()
  const blindGroups: BlindLane[] = []
  const commits = await fetchCommits(client, groups, unreadable, signal, (group, reason) =>
    blindGroups.push({ group, destination: null, lane: null, reason }),
  )
  const destinations = groupDestinations(described, commits)
  const topics = namedTopics(view, destinations, unreadable)
  const endAtMs = Date.now()
  const ask = (timestamp: bigint, isolation: number) =>
    listOffsets(client, { topics, nodes: view.nodes, timestamp, isolation }, signal)
  const [ends, starts, stableEnds] = await Promise.all([
    ask(LATEST, READ_UNCOMMITTED),
    ask(EARLIEST, READ_UNCOMMITTED),
    ask(LATEST, READ_COMMITTED),
  ])
  reportSilence(ends, unreadable)
  const known = { view, destinations, commits, ends, starts, stableEnds }
  const { lanes, blind } = toLanes(known)
  return { committedAtMs, endAtMs, lanes, blind: [...blindGroups, ...blind], unreadable: unreadable.entries() }
}

function reportSilence(ends: OffsetAnswers, unreadable: UnreadableList): void {
  for (const { broker, reason } of ends.silent) unreadable.add('ends of partitions of broker', String(broker), reason)
  for (const [topic, partitions] of ends.refused) {
    for (const [partition, code] of partitions) {
      unreadable.add('end of partition', `${topic}/${partition}`, failureOfCode(code, 'reading it').message)
    }
  }
}

interface Answers {
  readonly view: ClusterView
  readonly destinations: ReadonlyMap<string, ReadonlySet<string>>
  readonly commits: Commits
  readonly ends: OffsetAnswers
  readonly starts: OffsetAnswers
  readonly stableEnds: OffsetAnswers
}

/** Every lane that some group works on, read or blind with the reason. */
function toLanes(known: Answers): Pick<LagSnapshot, 'lanes' | 'blind'> {
  const lanes: LaneLag[] = []
  const blind: BlindLane[] = []
  for (const [group, names] of known.destinations) {
    for (const destination of names) {
      const topic = known.view.topics.get(destination)
      if (topic === undefined) {
        blind.push({ group, destination, lane: null, reason: 'the topic is deleted or hidden from this user' })
        continue
      }
      for (const { partition } of topic.partitions) {
        const lane = toLane(known, group, topic, partition)
        if (lane !== null) lanes.push(lane)
        else blind.push({ group, destination, lane: String(partition), reason: whyBlind(known, topic, partition) })
      }
    }
  }
  return { lanes, blind }
}

function toLane(known: Answers, group: string, topic: TopicView, partition: number): LaneLag | null {
  const read = ({ offsets }: OffsetAnswers) => toNumber(offsets.get(topic.name)?.get(partition))
  const [end, start, stableEnd] = [read(known.ends), read(known.starts), read(known.stableEnds)]
  if (end === null || start === null) return null
  return {
    group,
    destination: topic.name,
    lane: String(partition),
    committed: toNumber(known.commits.get(group)?.get(topic.name)?.get(partition)),
    start,
    end,
    ...(stableEnd !== null && stableEnd < end ? { stableEnd } : {}),
    incarnation: topic.id,
    oldestAgeMs: null,
  }
}

function whyBlind({ ends, starts }: Answers, topic: TopicView, partition: number): string {
  const code = ends.refused.get(topic.name)?.get(partition) ?? starts.refused.get(topic.name)?.get(partition)
  if (code !== undefined) return failureOfCode(code, 'reading its end').message
  return ends.silent[0]?.reason ?? starts.silent[0]?.reason ?? 'the broker gave no answer for it'
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
