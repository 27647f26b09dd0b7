import type { ConsumerGroup } from '#brokers/broker.ts'
import type { ClusterView } from '#brokers/kafka/cluster-view.ts'
import type { KafkaClient, KafkaNode } from '#brokers/kafka/kafka-client.ts'
import { KAFKA_ERROR, failureOfCode, toKafkaFailure } from '#brokers/kafka/kafka-failure.ts'
import type { UnreadableList } from '#brokers/kafka/unreadable-list.ts'

export type GroupType = 'classic' | 'consumer' | 'share' | 'streams'

export interface ListedGroup {
  readonly name: string
  readonly type: GroupType
  /** `consumer`, `connect`, `share`, ...; empty for a group that only keeps offsets. */
  readonly protocolType: string
  readonly state: ConsumerGroup['state']
  readonly coordinator: KafkaNode
}

const STATES: Readonly<Record<string, ConsumerGroup['state']>> = {
  stable: 'stable',
  empty: 'empty',
  dead: 'dead',
  preparingrebalance: 'rebalancing',
  completingrebalance: 'rebalancing',
  assigning: 'rebalancing',
  reconciling: 'rebalancing',
}

/** States of all protocols, which spell them differently (`PreparingRebalance`, `PREPARING_REBALANCE`). */
export const toGroupState = (text: string): ConsumerGroup['state'] =>
  STATES[text.toLowerCase().replaceAll('_', '')] ?? 'unknown'

/** Groups of all types. Every broker knows those that it coordinates, so all are asked. */
export async function listGroups(
  client: KafkaClient,
  view: ClusterView,
  unreadable: UnreadableList,
  signal: AbortSignal,
  onSilence: (reason: string) => void = () => undefined,
): Promise<ListedGroup[]> {
  const lists = await Promise.all(
    [...view.nodes].map(async ([id, node]) => {
      try {
        const answer = await client.look(node, 'ListGroups', [[], []], signal)
        if (answer.errorCode !== KAFKA_ERROR.none) throw failureOfCode(answer.errorCode, 'groups')
        return answer.groups.map((group) => ({
          name: group.groupId,
          type: toGroupType(group.groupType),
          protocolType: group.protocolType,
          state: toGroupState(group.groupState ?? ''),
          coordinator: node,
        }))
      } catch (error) {
        const failure = toKafkaFailure(error, `broker ${id}`)
        if (signal.aborted) throw failure
        onSilence(failure.message)
        unreadable.add('groups coordinated by broker', String(id), failure.message)
        return []
      }
    }),
  )
  return lists.flat()
}

function toGroupType(text: string | undefined): GroupType {
  const type = (text ?? '').toLowerCase()
  return type === 'consumer' || type === 'share' || type === 'streams' ? type : 'classic'
}
