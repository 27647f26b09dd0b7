import { ownValue } from '#domain/own-value.ts'
import type { LagSample } from '#domain/lag/lag-status.ts'

/** A process that reads for a group, as the broker lists it. */
export interface ReaderMember {
  readonly clientId: string | null
  readonly host: string | null
}

/** What the broker's positions say of one lane of one group. */
export interface LaneWitness {
  readonly lane: string
  /** The position that is read next; null: never committed. */
  readonly committed: number | null
  readonly start: number
  readonly end: number
  /** Age of the oldest unprocessed message; null when unknown. */
  readonly timeBehindMs: number | null
  readonly timeBehindErrorMs: number | null
  /** Readings around the time in question and of the last minutes, oldest first. */
  readonly samples: readonly LagSample[]
}

/** A group that should take what is sent to a destination: the broker knows it there, or it took such messages lately. */
export interface DestinationReader {
  /** null: known from spans only, so nothing is known of its position. */
  readonly clusterId: string | null
  readonly clusterKind: string | null
  readonly group: string
  /** Where it reads. */
  readonly destination: string
  /** What senders call it: the destination, and the events that the broker copies into it. */
  readonly sentTo: readonly string[]
  /** A queue has one group: its workers, whatever they call themselves. */
  readonly isQueue: boolean
  /** What lies there waits for a person, or for the broker's own machinery, not for a group. */
  readonly isExempt: boolean
  /** The lag state; null when there is none. */
  readonly state: string | null
  /** When the positions were read; null when they never were. */
  readonly asOfMs: number | null
  readonly lanes: readonly LaneWitness[]
  /** null = the broker keeps none, or they could not be read. */
  readonly members: readonly ReaderMember[] | null
}

/** Who took messages of a destination lately, as the spans say. */
export interface SeenReceiver {
  readonly destination: string
  readonly service: string
  readonly consumerGroup: string | null
}

/** What is known beside the spans of a flow: who reads where, how far each has come, and where services run. */
export interface FlowWitnesses {
  readonly nowMs: number
  readonly readers: readonly DestinationReader[]
  readonly seenReceivers: readonly SeenReceiver[]
  readonly hostsOfService: ReadonlyMap<string, readonly string[]>
}

export const NO_WITNESSES: FlowWitnesses = {
  nowMs: 0,
  readers: [],
  seenReceivers: [],
  hostsOfService: new Map(),
}

/** Destinations of Kafka Streams' own state, which no group consumes. */
const STATE_TOPIC = /-changelog$/

/** Whether nobody is expected to take what is sent there. */
export const isOwnState = (destination: string): boolean =>
  STATE_TOPIC.test(destination) || destination.startsWith('__')

/**
 * Adds the groups that only spans tell of: on destinations where the broker knows none, whoever took messages lately.
 * Without a group's name the service stands for it.
 */
export function withSeenReaders(
  readers: readonly DestinationReader[],
  seen: readonly SeenReceiver[],
): readonly DestinationReader[] {
  const known = new Set(readers.map(({ destination }) => destination))
  const added = new Map<string, DestinationReader>()
  for (const { destination, consumerGroup, service } of seen) {
    if (known.has(destination) || isOwnState(destination)) continue
    const group = consumerGroup ?? service
    added.set(`${destination}\0${group}`, {
      clusterId: null,
      clusterKind: null,
      group,
      destination,
      sentTo: [destination],
      isQueue: false,
      isExempt: false,
      state: null,
      asOfMs: null,
      lanes: [],
      members: null,
    })
  }
  return [...readers, ...added.values()]
}

/** Which kind of broker a system's name in spans stands for; an unknown one may be any. */
const CLUSTER_KINDS: Readonly<Record<string, string>> = {
  kafka: 'kafka',
  'pg-boss': 'pgqueue',
  rabbitmq: 'rabbitmq',
  aws_sqs: 'sqs',
}

/** What spans call the system of a kind of cluster. */
export const systemOfCluster = (kind: string): string =>
  Object.entries(CLUSTER_KINDS).find(([, known]) => known === kind)?.[0] ?? kind

export function readersOfSystem(readers: readonly DestinationReader[], system: string): readonly DestinationReader[] {
  const kind = ownValue(CLUSTER_KINDS, system)
  return kind === undefined
    ? readers
    : readers.filter(({ clusterKind }) => clusterKind === null || clusterKind === kind)
}

/** The kind of cluster that a system's name in spans stands for; null when it may be any. */
export const clusterKindOf = (system: string): string | null => ownValue(CLUSTER_KINDS, system) ?? null

/**
 * Who should take what is sent to a destination. Of several clusters with that name, the one whose group took the message
 * counts; when that is open, nobody is expected to.
 */
export function expectedReaders(
  readers: readonly DestinationReader[],
  destination: string,
  tookInClusters: readonly (string | null)[],
): readonly DestinationReader[] {
  if (isOwnState(destination)) return []
  const expected = readers.filter((reader) => !reader.isExempt && reader.sentTo.includes(destination))
  if (new Set(expected.map(({ clusterId }) => clusterId)).size <= 1) return expected
  const took = new Set(tookInClusters.filter((clusterId) => clusterId !== null))
  return took.size === 1 ? expected.filter(({ clusterId }) => clusterId !== null && took.has(clusterId)) : []
}
