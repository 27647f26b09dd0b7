import type { DeadLetterPlace } from '#brokers/broker.ts'
import { type ClusterView, readClusterView } from '#brokers/kafka/cluster-view.ts'
import { readConnectDeadLetters } from '#brokers/kafka/connect-dead-letters.ts'
import type { DeadLetterSign } from '#brokers/kafka/dead-letter-headers.ts'
import { isRetryName, matchDeadLetterName } from '#brokers/kafka/dead-letter-name.ts'
import type { KafkaClient } from '#brokers/kafka/kafka-client.ts'
import type { KafkaConfiguration, KafkaSecret } from '#brokers/kafka/kafka-configuration.ts'
import { readTopicSettings, retentionOf } from '#brokers/kafka/kafka-inventory.ts'
import { readGroupDeadLetters } from '#brokers/kafka/group-dead-letters.ts'
import type { NewestPeek } from '#brokers/kafka/peek-newest.ts'
import { createUnreadableList } from '#brokers/kafka/unreadable-list.ts'
import type { BrokerLog } from '#brokers/broker-opening.ts'

export interface DeadLetterSearch {
  readonly client: KafkaClient
  readonly configuration: KafkaConfiguration
  readonly secret: KafkaSecret
  readonly peek: NewestPeek
  readonly log: BrokerLog | undefined
}

type Found = Omit<DeadLetterPlace, 'retentionMs'>

/**
 * Dead-letter topics by hand, by configuration (Connect, share and streams groups), by name and by the headers of
 * their newest records, in this order of trust: what an earlier way has found, a later one only completes.
 */
export async function findDeadLetters(search: DeadLetterSearch, signal: AbortSignal): Promise<DeadLetterPlace[]> {
  const { client, configuration, secret, peek, log } = search
  const view = await readClusterView(client, null, signal)
  const onFailure = (where: string, reason: string): void =>
    log?.warn({ where, reason }, 'dead-letter configuration cannot be read')
  const [connect, groups] = await Promise.all([
    readConnectDeadLetters(configuration.connectUrls, secret.connectBasicAuth, onFailure, signal),
    readGroupDeadLetters(client, view, signal),
  ])
  const found = new Map<string, Found>()
  const add = (place: Found): void => {
    const known = found.get(place.destination)
    if (known === undefined) found.set(place.destination, place)
    else found.set(place.destination, complete(known, place))
  }
  for (const place of configuration.deadLetterDestinations) add(byHand(place))
  for (const one of connect) {
    const evidence = `connector ${one.connector} at ${one.worker} names it as its dead-letter topic`
    // The consumer group of a sink connector is connect-<name>.
    add({
      ...place(one.topic, 'configuration', evidence),
      originDestination: one.origin,
      consumerGroup: `connect-${one.connector}`,
    })
  }
  for (const one of groups) {
    add({
      ...place(one.topic, 'configuration', `group ${one.group} names it in ${one.setting}`),
      consumerGroup: one.group,
    })
  }
  for (const one of byName(view)) add(one)
  for (const [topic, sign] of await peek.read(view, signal)) {
    if (!isRetryName(topic)) add(bySign(topic, sign))
  }
  const existing = [...found.values()].filter((one) => view.topics.has(one.destination))
  const names = existing.map((one) => one.destination)
  const settings = await readTopicSettings(client, names, createUnreadableList(), signal)
  return existing.map((one) => ({ ...one, retentionMs: retentionOf(settings.get(one.destination)) }))
}

const place = (destination: string, foundBy: Found['foundBy'], evidence: string): Found => ({
  destination,
  foundBy,
  evidence,
  originDestination: null,
  consumerGroup: null,
})

const complete = (known: Found, more: Found): Found => ({
  ...known,
  originDestination: known.originDestination ?? more.originDestination,
  consumerGroup: known.consumerGroup ?? more.consumerGroup,
})

const byHand = (given: KafkaConfiguration['deadLetterDestinations'][number]): Found => ({
  ...place(given.destination, 'hand', 'named in the registration of the cluster'),
  originDestination: given.originDestination ?? null,
  consumerGroup: given.consumerGroup ?? null,
})

/** A name may only guess the origin: it counts when such a topic exists. */
const byName = (view: ClusterView): Found[] =>
  [...view.topics.values()].flatMap((topic) => {
    const match = topic.isInternal ? null : matchDeadLetterName(topic.name)
    if (match === null) return []
    const origin = match.origin !== null && view.topics.has(match.origin) ? match.origin : null
    return [{ ...place(topic.name, 'name', `its name fits ${match.pattern}`), originDestination: origin }]
  })

const bySign = (topic: string, sign: DeadLetterSign): Found => ({
  ...place(topic, 'headers', `its newest records carry ${sign.header} (${sign.framework})`),
  originDestination: sign.origin,
  consumerGroup: sign.group,
})
