import { batchByCoordinator } from '#brokers/kafka/describe-groups.ts'
import type { KafkaClient } from '#brokers/kafka/kafka-client.ts'
import { KAFKA_ERROR, failureOfCode, toKafkaFailure } from '#brokers/kafka/kafka-failure.ts'
import type { ListedGroup } from '#brokers/kafka/list-groups.ts'
import type { UnreadableList } from '#brokers/kafka/unreadable-list.ts'

/** Committed offsets by group, topic and partition; what a group has not committed is not in it. */
export type Commits = Map<string, Map<string, Map<number, bigint>>>

const GROUPS_PER_REQUEST = 500
/** From this version of OffsetFetch on, one request takes many groups. */
const MANY_GROUPS_VERSION = 8

/** All commits of the groups, batched per coordinator. Share groups keep no offsets that this request shows. */
export async function fetchCommits(
  client: KafkaClient,
  groups: readonly ListedGroup[],
  unreadable: UnreadableList,
  signal: AbortSignal,
  onBlind: (group: string, reason: string) => void = () => undefined,
): Promise<Commits> {
  const refuse = (group: string, reason: string): void => {
    unreadable.add('offsets of group', group, reason)
    onBlind(group, reason)
  }
  const commits: Commits = new Map()
  const size = (await client.versionOf('OffsetFetch')) >= MANY_GROUPS_VERSION ? GROUPS_PER_REQUEST : 1
  for (const group of groups) {
    if (group.type === 'share')
      unreadable.add('positions of share group', group.name, 'the Kafka client has no request for them')
  }
  const batches = batchByCoordinator(
    groups.filter((group) => group.type !== 'share'),
    size,
  )
  await Promise.all(
    batches.map(async (batch) => {
      const asked = batch.groups.map((group) => ({
        groupId: group.name,
        memberId: null,
        memberEpoch: -1,
        // null = everything that the group has committed.
        topics: null,
      }))
      try {
        const answer = await client.look(batch.coordinator, 'OffsetFetch', [asked, false], signal)
        for (const one of answer.groups) {
          // Before version 8 the answer does not repeat the one group that was asked for.
          const name = one.groupId || (batch.groups[0]?.name ?? '')
          if (one.errorCode === KAFKA_ERROR.none) commits.set(name, toRows(one.topics))
          else if (one.errorCode !== KAFKA_ERROR.groupIdNotFound) {
            refuse(name, failureOfCode(one.errorCode, 'reading its offsets').message)
          }
        }
      } catch (error) {
        const failure = toKafkaFailure(error, 'reading offsets')
        if (signal.aborted) throw failure
        for (const group of batch.groups) refuse(group.name, failure.message)
      }
    }),
  )
  return commits
}

interface AnsweredTopic {
  readonly name: string
  readonly partitions: readonly { partitionIndex: number; committedOffset: bigint; errorCode: number }[]
}

const toRows = (topics: readonly AnsweredTopic[]): Map<string, Map<number, bigint>> =>
  new Map(
    topics.map((topic) => [
      topic.name,
      new Map(
        topic.partitions
          .filter((one) => one.errorCode === KAFKA_ERROR.none && one.committedOffset >= 0n)
          .map((one) => [one.partitionIndex, one.committedOffset]),
      ),
    ]),
  )
