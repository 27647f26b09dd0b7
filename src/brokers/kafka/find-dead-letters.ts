import type { DeadLetterPlace, FoundPlaces } from '#brokers/broker.ts'
import type { BrokerLog } from '#brokers/broker-opening.ts'
import { type ClusterView, readClusterView } from '#brokers/kafka/cluster-view.ts'
import type { ConnectDeadLetters } from '#brokers/kafka/connect-dead-letters.ts'
import type { ConnectWatch } from '#brokers/kafka/connect-watch.ts'
import type { DeadLetterSign } from '#brokers/kafka/dead-letter-headers.ts'
import { isRetryName, matchDeadLetterName } from '#brokers/kafka/dead-letter-name.ts'
import { type GroupDeadLetters, readGroupDeadLetters } from '#brokers/kafka/group-dead-letters.ts'
import type { KafkaClient } from '#brokers/kafka/kafka-client.ts'
import type { KafkaConfiguration } from '#brokers/kafka/kafka-configuration.ts'
import { readTopicSettings, retentionOf } from '#brokers/kafka/kafka-inventory.ts'
import type { NewestPeek } from '#brokers/kafka/peek-newest.ts'
import { createUnreadableList } from '#brokers/kafka/unreadable-list.ts'

export interface DeadLetterSearch {
  readonly client: KafkaClient
  readonly configuration: KafkaConfiguration
  readonly connect: ConnectWatch
  readonly peek: NewestPeek
  readonly log: BrokerLog | undefined
}

interface Found extends Omit<DeadLetterPlace, 'retentionMs'> {
  /** Several share the place, so neither origin nor group can be told for all of its messages. */
  readonly isShared: boolean
}

/**
 * Dead-letter topics by hand, by configuration (Connect, share groups), by name and by the headers of their newest
 * records, in this order of trust: what an earlier way has found, a later one only completes.
 */
export async function findDeadLetters(search: DeadLetterSearch, signal: AbortSignal): Promise<FoundPlaces> {
  const { client, configuration, peek, log } = search
  const unreadable = createUnreadableList()
  // Asked at once with everything else: a Connect that hangs must cost no more than its own time limit.
  const asked = search.connect.read(signal)
  asked.catch(() => undefined)
  const view = await readClusterView(client, null, signal)
  const groups = await readGroupDeadLetters(client, view, unreadable, signal)
  const signs = await peek.read(view, signal)
  const connect = await asked
  const found = new Map<string, Found>()
  const all = [
    ...configuration.deadLetterDestinations.map(byHand),
    ...byConfiguration(connect.deadLetters, groups),
    ...byName(view),
    ...[...signs].flatMap(([topic, sign]) => (isRetryName(topic) ? [] : [bySign(topic, sign)])),
  ]
  for (const place of all) {
    const known = found.get(place.destination)
    found.set(place.destination, known === undefined ? place : complete(known, place))
  }
  const existing = [...found.values()].filter((one) => view.topics.has(one.destination))
  const names = existing.map((one) => one.destination)
  // What settings cannot be read is the inventory's to say.
  const settings = await readTopicSettings(client, names, createUnreadableList(), signal)
  const missing = [...connect.unreadable, ...unreadable.entries()]
  for (const { subject, reason } of missing) log?.warn({ subject, reason }, 'a way to find dead letters is closed')
  return {
    places: existing.map((one) => toPlace(one, retentionOf(settings.get(one.destination)))),
    unreadable: missing,
  }
}

const place = (destination: string, foundBy: Found['foundBy'], evidence: string): Found => ({
  destination,
  foundBy,
  evidence,
  originDestination: null,
  consumerGroup: null,
  isShared: false,
})

const toPlace = (found: Found, retentionMs: number | null): DeadLetterPlace => ({
  destination: found.destination,
  foundBy: found.foundBy,
  evidence: found.evidence,
  originDestination: found.originDestination,
  consumerGroup: found.consumerGroup,
  retentionMs,
})

const complete = (known: Found, more: Found): Found => ({
  ...known,
  originDestination: known.originDestination ?? (known.isShared ? null : more.originDestination),
  consumerGroup: known.consumerGroup ?? (known.isShared ? null : more.consumerGroup),
})

const byHand = (given: KafkaConfiguration['deadLetterDestinations'][number]): Found => ({
  ...place(given.destination, 'hand', 'named in the registration of the cluster'),
  originDestination: given.originDestination ?? null,
  consumerGroup: given.consumerGroup ?? null,
})

/** One place per topic that is named, whoever names it. Origin and group are told where all who name it agree. */
function byConfiguration(
  connect: readonly ConnectDeadLetters[],
  groups: readonly GroupDeadLetters[],
): readonly Found[] {
  const namings = [...connect, ...groups.map((one) => ({ ...one, origins: [] }))]
  return [...Map.groupBy(namings, (one) => one.topic)].map(([topic, all]) => ({
    ...place(topic, 'configuration', describeEvidence(all.map((one) => one.evidence))),
    originDestination: onlyOne(
      all.flatMap((one): readonly (string | null)[] => (one.origins.length === 0 ? [null] : one.origins)),
    ),
    consumerGroup: onlyOne(all.map((one) => one.group)),
    isShared: all.length > 1,
  }))
}

const onlyOne = (values: readonly (string | null)[]): string | null =>
  new Set(values).size === 1 ? (values[0] ?? null) : null

const EVIDENCE_SHOWN = 3

function describeEvidence(all: readonly string[]): string {
  const more = all.length - EVIDENCE_SHOWN
  return `${all.slice(0, EVIDENCE_SHOWN).join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}

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
