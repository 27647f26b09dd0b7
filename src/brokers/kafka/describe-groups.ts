import { decodeConsumerProtocolAssignment } from '@platformatic/kafka'
import type { ConsumerGroup, GroupMember } from '#brokers/broker.ts'
import type { KafkaApis } from '#brokers/kafka/kafka-apis.ts'
import type { KafkaClient, KafkaNode } from '#brokers/kafka/kafka-client.ts'
import { KAFKA_ERROR, failureOfCode, toKafkaFailure } from '#brokers/kafka/kafka-failure.ts'
import { type ListedGroup, toGroupState } from '#brokers/kafka/list-groups.ts'
import type { UnreadableList } from '#brokers/kafka/unreadable-list.ts'

export interface DescribedGroup {
  readonly group: ListedGroup
  readonly state: ConsumerGroup['state']
  readonly members: readonly GroupMember[] | null
}

const GROUPS_PER_REQUEST = 200

/**
 * Members and states, in batches per coordinator. Groups of a type that cannot be described keep the state of the
 * list, with members null and the reason in `unreadable`.
 */
export async function describeGroups(
  client: KafkaClient,
  groups: readonly ListedGroup[],
  unreadable: UnreadableList,
  signal: AbortSignal,
): Promise<Map<string, DescribedGroup>> {
  const described = new Map<string, DescribedGroup>()
  for (const group of groups) {
    if (group.type !== 'share' && group.type !== 'streams') continue
    described.set(group.name, { group, state: group.state, members: null })
    unreadable.add(`members of the ${group.type} group`, group.name, 'the Kafka client has no request for them')
  }
  const requests = (['classic', 'consumer'] as const).flatMap((type) =>
    batchByCoordinator(groups.filter((group) => group.type === type)).map(async (batch) => {
      try {
        const answers =
          type === 'classic' ? await askClassic(client, batch, signal) : await askNew(client, batch, signal)
        for (const [name, answer] of answers) {
          const group = batch.groups.find((one) => one.name === name)
          if (group !== undefined) described.set(name, answer(group, unreadable))
        }
      } catch (error) {
        const failure = toKafkaFailure(error, 'describing groups')
        if (signal.aborted) throw failure
        for (const group of batch.groups) unreadable.add('members of group', group.name, failure.message)
      }
    }),
  )
  await Promise.all(requests)
  for (const group of groups) {
    if (!described.has(group.name)) described.set(group.name, { group, state: group.state, members: null })
  }
  return described
}

interface Batch {
  readonly coordinator: KafkaNode
  readonly groups: readonly ListedGroup[]
}

/** At most {@link GROUPS_PER_REQUEST} groups of one coordinator each. */
export function batchByCoordinator(groups: readonly ListedGroup[], size = GROUPS_PER_REQUEST): Batch[] {
  const byCoordinator = Map.groupBy(groups, (group) => group.coordinator)
  return [...byCoordinator].flatMap(([coordinator, all]) =>
    Array.from({ length: Math.ceil(all.length / size) }, (_, index) => ({
      coordinator,
      groups: all.slice(index * size, (index + 1) * size),
    })),
  )
}

type Answer = (group: ListedGroup, unreadable: UnreadableList) => DescribedGroup

async function askClassic(client: KafkaClient, batch: Batch, signal: AbortSignal): Promise<[string, Answer][]> {
  const names = batch.groups.map((group) => group.name)
  const answer = await client.look(batch.coordinator, 'DescribeGroups', [names, false], signal)
  return answer.groups.map((one) => [
    one.groupId,
    (group, unreadable) => {
      if (one.errorCode !== KAFKA_ERROR.none) return refuse(group, one.errorCode, unreadable)
      const members = one.members.map((member) => classicMember(member, one.protocolType, group.name, unreadable))
      return { group, state: toGroupState(one.groupState), members }
    },
  ])
}

function refuse(group: ListedGroup, errorCode: number, unreadable: UnreadableList): DescribedGroup {
  unreadable.add('members of group', group.name, failureOfCode(errorCode, 'describing it').message)
  return { group, state: group.state, members: null }
}

type ClassicMember = KafkaApis['DescribeGroups']['response']['groups'][number]['members'][number]

/** Only protocol type `consumer` has assignments in Kafka's own format; a Connect worker's bytes mean something else. */
function classicMember(
  member: ClassicMember,
  protocolType: string,
  group: string,
  unreadable: UnreadableList,
): GroupMember {
  let assignments: GroupMember['assignments'] = []
  if (protocolType === 'consumer') {
    try {
      assignments = decodeConsumerProtocolAssignment(member.memberAssignment).assignedPartitions.map((one) => ({
        destination: one.topic,
        lanes: one.partitions.map(String),
      }))
    } catch (error) {
      unreadable.add('assignments of a member of group', group, `they do not decode: ${String(error)}`)
    }
  }
  return { id: member.memberId, clientId: member.clientId || null, host: toHost(member.clientHost), assignments }
}

/** Java prints addresses as `/127.0.0.1`. */
const toHost = (text: string): string | null => text.replace(/^\//, '') || null

async function askNew(client: KafkaClient, batch: Batch, signal: AbortSignal): Promise<[string, Answer][]> {
  const names = batch.groups.map((group) => group.name)
  const answer = await client.look(batch.coordinator, 'ConsumerGroupDescribe', [names, false], signal)
  return answer.groups.map((one) => [
    one.groupId,
    (group, unreadable) => {
      if (one.errorCode !== KAFKA_ERROR.none) return refuse(group, one.errorCode, unreadable)
      const members = one.members.map((member) => ({
        id: member.memberId,
        clientId: member.clientId || null,
        host: toHost(member.clientHost),
        assignments: member.assignment.topicPartitions.map((assigned) => ({
          destination: assigned.topicName,
          lanes: assigned.partitions.map(String),
        })),
      }))
      return { group, state: toGroupState(one.groupState), members }
    },
  ])
}
