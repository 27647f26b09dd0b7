import type { ClusterView } from '#brokers/kafka/cluster-view.ts'
import type { KafkaClient } from '#brokers/kafka/kafka-client.ts'
import { KAFKA_ERROR, failureOfCode, toKafkaFailure } from '#brokers/kafka/kafka-failure.ts'
import { listGroups } from '#brokers/kafka/list-groups.ts'
import type { UnreadableList } from '#brokers/kafka/unreadable-list.ts'

const GROUP_RESOURCE = 32
const GROUPS_PER_REQUEST = 500

/**
 * The one setting of a group that names its dead-letter topic: of share groups, from Kafka 4.4 on (KIP-1191). Older
 * brokers answer without it. Streams applications keep theirs (KIP-1034) to themselves: no broker has ever seen it.
 */
const SETTING = 'errors.deadletterqueue.topic.name'

export interface GroupDeadLetters {
  readonly topic: string
  readonly group: string
  readonly evidence: string
}

/** Dead-letter topics in the configuration of share groups; what cannot be read is in `unreadable`. */
export async function readGroupDeadLetters(
  client: KafkaClient,
  view: ClusterView,
  unreadable: UnreadableList,
  signal: AbortSignal,
): Promise<GroupDeadLetters[]> {
  const groups = (await listGroups(client, view, unreadable, signal)).filter((group) => group.type === 'share')
  const found: GroupDeadLetters[] = []
  for (let at = 0; at < groups.length; at += GROUPS_PER_REQUEST) {
    const names = groups.slice(at, at + GROUPS_PER_REQUEST).map((group) => group.name)
    const refuse = (name: string, reason: string): void =>
      unreadable.add('dead-letter topic of share group', name, `unknown, because ${reason}`)
    try {
      found.push(...(await askGroups(client, names, refuse, signal)))
    } catch (error) {
      const failure = toKafkaFailure(error, 'reading the configuration of groups')
      if (signal.aborted) throw failure
      for (const name of names) refuse(name, failure.message)
    }
  }
  return found
}

async function askGroups(
  client: KafkaClient,
  names: readonly string[],
  refuse: (name: string, reason: string) => void,
  signal: AbortSignal,
): Promise<GroupDeadLetters[]> {
  const resources = names.map((resourceName) => ({
    resourceType: GROUP_RESOURCE as typeof GROUP_RESOURCE,
    resourceName,
    configurationKeys: [SETTING],
  }))
  const answer = await client.look(null, 'DescribeConfigs', [resources, false, false], signal)
  return answer.results.flatMap((one) => {
    if (one.errorCode !== KAFKA_ERROR.none) {
      refuse(one.resourceName, failureOfCode(one.errorCode, 'reading its settings').message)
      return []
    }
    return one.configs.flatMap(({ name, value }) =>
      name === SETTING && value
        ? [{ topic: value, group: one.resourceName, evidence: `share group ${one.resourceName} names it in ${name}` }]
        : [],
    )
  })
}
