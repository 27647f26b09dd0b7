import type { ClusterView } from '#brokers/kafka/cluster-view.ts'
import type { KafkaClient } from '#brokers/kafka/kafka-client.ts'
import { KAFKA_ERROR, toKafkaFailure } from '#brokers/kafka/kafka-failure.ts'
import { listGroups } from '#brokers/kafka/list-groups.ts'
import { createUnreadableList } from '#brokers/kafka/unreadable-list.ts'

const GROUP_RESOURCE = 32
/** KIP-1191 (share groups) and KIP-1034 (Streams); brokers that know neither answer without them. */
const SETTINGS = ['errors.deadletterqueue.topic.name', 'errors.dead.letter.queue.topic.name']

export interface GroupDeadLetters {
  readonly topic: string
  readonly group: string
  readonly setting: string
}

/** Dead-letter topics in the configuration of share and streams groups; empty where it cannot be read. */
export async function readGroupDeadLetters(
  client: KafkaClient,
  view: ClusterView,
  signal: AbortSignal,
): Promise<GroupDeadLetters[]> {
  const groups = await listGroups(client, view, createUnreadableList(), signal)
  const asked = groups.filter((group) => group.type === 'share' || group.type === 'streams')
  if (asked.length === 0) return []
  const resources = asked.map((group) => ({
    resourceType: GROUP_RESOURCE as typeof GROUP_RESOURCE,
    resourceName: group.name,
    configurationKeys: SETTINGS,
  }))
  try {
    const answer = await client.look(null, 'DescribeConfigs', [resources, false, false], signal)
    return answer.results
      .filter((one) => one.errorCode === KAFKA_ERROR.none)
      .flatMap((one) =>
        one.configs.flatMap((setting) =>
          setting.value ? [{ topic: setting.value, group: one.resourceName, setting: setting.name }] : [],
        ),
      )
  } catch (error) {
    const failure = toKafkaFailure(error, 'reading the configuration of groups')
    // A refusal leaves the other ways of finding; only trouble that may pass is worth failing for.
    if (failure.retryable || signal.aborted) throw failure
    return []
  }
}
