import type { LanePosition, OffsetResetFacet, SetResult } from '#brokers/broker.ts'
import { readClusterView } from '#brokers/kafka/cluster-view.ts'
import { describeGroups } from '#brokers/kafka/describe-groups.ts'
import type { KafkaApis } from '#brokers/kafka/kafka-apis.ts'
import type { KafkaClient } from '#brokers/kafka/kafka-client.ts'
import { failureOfCode, KAFKA_ERROR, kafkaErrorName } from '#brokers/kafka/kafka-failure.ts'
import { listGroups, type ListedGroup } from '#brokers/kafka/list-groups.ts'
import { createUnreadableList } from '#brokers/kafka/unreadable-list.ts'
import { Failure } from '#domain/failure.ts'

/** A commit that comes from no member: Kafka takes it for a group without members and refuses it for every other one. */
const [NO_GENERATION, NO_MEMBER] = [-1, '']

const MEMBERS_THERE: readonly number[] = [
  KAFKA_ERROR.illegalGeneration,
  KAFKA_ERROR.unknownMemberId,
  KAFKA_ERROR.rebalanceInProgress,
  KAFKA_ERROR.nonEmptyGroup,
  KAFKA_ERROR.groupSubscribedToTopic,
  KAFKA_ERROR.staleMemberEpoch,
]

/** Positions of a group without members, set by OffsetCommit and removed by OffsetDelete, each in one request. */
export function createOffsetReset(client: KafkaClient): OffsetResetFacet {
  return {
    async readActivity(group, signal) {
      const listed = await findGroup(client, group, signal)
      const unreadable = createUnreadableList()
      const described = (await describeGroups(client, [listed], unreadable, signal)).get(group)
      const state = described?.state ?? listed.state
      const memberCount = described?.members?.length ?? null
      const isInactive = (state === 'empty' || state === 'dead') && (memberCount ?? 0) === 0
      return { isInactive, state, memberCount, refusedBecause: refusalOf(listed) }
    },
    async set(group, destination, positions, signal) {
      const { coordinator } = await findGroup(client, group, signal)
      const connection = await client.connect(coordinator, signal)
      const codes = new Map<string, number>()
      const [put, removed] = [positions.filter(({ to }) => to !== null), positions.filter(({ to }) => to === null)]
      if (put.length > 0) {
        const topics = [{ name: destination, partitions: put.map(toCommit) }]
        const args: KafkaApis['OffsetCommit']['request'] = [group, NO_GENERATION, NO_MEMBER, null, topics]
        noteCodes(codes, (await client.request(connection, 'OffsetCommit', args)).topics)
      }
      if (removed.length > 0) {
        const partitions = removed.map(({ lane }) => ({ partitionIndex: Number(lane) }))
        const asked: KafkaApis['OffsetDelete']['request'] = [group, [{ name: destination, partitions }]]
        const answer = await client.request(connection, 'OffsetDelete', asked)
        noteCodes(codes, answer.topics)
        if (answer.errorCode !== KAFKA_ERROR.none) {
          for (const { lane } of removed) codes.set(lane, answer.errorCode)
        }
      }
      return positions.map(({ lane }) => toResult(group, `${destination}/${lane}`, codes.get(lane)))
    },
  }
}

/** Kinds whose positions mean something else, or are kept where no request of ours reaches. */
function refusalOf({ type, protocolType }: ListedGroup): string | null {
  if (type === 'share') return 'a share group keeps no positions: the broker hands out single records'
  if (type === 'streams' || protocolType === 'streams') {
    return 'a Streams application also has state and inner topics; its own reset tool sets all of them back together'
  }
  if (protocolType === 'connect') return 'Connect workers coordinate themselves by it; it has no positions on topics'
  return null
}

/** @throws Failure `not-found`; `broker-unavailable` when a broker that may coordinate it is silent */
async function findGroup(client: KafkaClient, name: string, signal: AbortSignal): Promise<ListedGroup> {
  const view = await readClusterView(client, [], signal)
  const silent: string[] = []
  const groups = await listGroups(client, view, createUnreadableList(), signal, (reason) => {
    silent.push(reason)
  })
  const found = groups.find((group) => group.name === name)
  if (found !== undefined) return found
  const [silence] = silent
  if (silence !== undefined)
    throw new Failure('broker-unavailable', `whether there is a group ${name} is unknown: ${silence}`)
  throw new Failure('not-found', `there is no group ${name}, or this user may not see it`)
}

const toCommit = ({ lane, to }: LanePosition) => ({
  partitionIndex: Number(lane),
  committedOffset: BigInt(to ?? 0),
  committedLeaderEpoch: -1,
  committedMetadata: '',
})

interface AnsweredTopic {
  readonly partitions: readonly { readonly partitionIndex: number; readonly errorCode: number }[]
}

function noteCodes(codes: Map<string, number>, topics: readonly AnsweredTopic[]): void {
  for (const { partitions } of topics) {
    for (const { partitionIndex, errorCode } of partitions) codes.set(String(partitionIndex), errorCode)
  }
}

function toResult(group: string, subject: string, code: number | undefined): SetResult {
  if (code === KAFKA_ERROR.none) return { outcome: 'done' }
  if (code === undefined) {
    return {
      outcome: 'failed',
      failure: new Failure('outcome-unknown', `${subject}: the broker gave no answer for it`),
    }
  }
  if (!MEMBERS_THERE.includes(code))
    return { outcome: 'failed', failure: failureOfCode(code, `the position at ${subject}`) }
  const message = `the broker refused, because group ${group} has members again (${kafkaErrorName(code)})`
  return {
    outcome: 'failed',
    failure: new Failure('conflict', message, { details: { kafkaError: kafkaErrorName(code) } }),
  }
}
