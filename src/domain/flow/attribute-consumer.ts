import type { DestinationReader } from '#domain/flow/destination-reader.ts'

/** How sure it is for which group a service took a message; `said` = the span names it. */
export type AttributionConfidence = 'said' | 'certain' | 'likely' | 'unknown'

/** For which group a message was taken, and how that is known. */
export interface ConsumerAttribution {
  /** null when nothing tells. */
  readonly group: string | null
  /** Where the group's page is; null when no broker knows it. */
  readonly clusterId: string | null
  readonly confidence: AttributionConfidence
  /** One clause for a person. */
  readonly evidence: string
}

/** Who took a message, as its span says. */
export interface ConsumerSpan {
  readonly service: string
  readonly destination: string
  readonly consumerGroup: string | null
  readonly clientId: string | null
  /** Names and addresses of the hosts that the service runs on. */
  readonly hosts: readonly string[]
}

/** Every Java client without a name is called so: the group is in it, the number is not. */
const DEFAULT_CLIENT_ID = /^consumer-(.+)-\d+$/

/**
 * Joins a receiver to a group of the broker, by the strongest evidence first: its own word, the client id and host of a
 * member, the service's name, the only group there is. Two groups that fit equally well are no evidence.
 */
export function attributeConsumer(span: ConsumerSpan, readers: readonly DestinationReader[]): ConsumerAttribution {
  const candidates = readers.filter(({ destination }) => destination === span.destination)
  if (span.consumerGroup !== null) return attributeSaid(span.consumerGroup, candidates)
  for (const rule of RULES) {
    const fitting = distinctGroups(candidates.filter((reader) => rule(span, reader) !== null))
    const [reader] = fitting
    if (reader === undefined || fitting.length > 1) continue
    const found = rule(span, reader)
    if (found !== null) return { group: reader.group, clusterId: reader.clusterId, ...found }
  }
  return attributeAlone(span, distinctGroups(candidates))
}

function attributeSaid(said: string, candidates: readonly DestinationReader[]): ConsumerAttribution {
  const same = candidates.find(({ group }) => group === said)
  if (same !== undefined)
    return { group: said, clusterId: same.clusterId, confidence: 'said', evidence: 'the span names it' }
  const [only] = candidates
  if (only?.isQueue === true && candidates.length === 1) {
    const evidence = `the span calls it ${said}; the broker knows the workers of the queue as ${only.group}`
    return { group: only.group, clusterId: only.clusterId, confidence: 'certain', evidence }
  }
  const isBrokerKnown = candidates.some(({ clusterId }) => clusterId !== null)
  const evidence = isBrokerKnown ? 'the span names it; the broker does not know it there' : 'the span names it'
  return { group: said, clusterId: null, confidence: 'said', evidence }
}

type Found = Pick<ConsumerAttribution, 'confidence' | 'evidence'>
type Rule = (span: ConsumerSpan, reader: DestinationReader) => Found | null

const RULES: readonly Rule[] = [
  ({ clientId }, { members, group }) =>
    clientId !== null && (members ?? []).some((member) => member.clientId === clientId)
      ? { confidence: 'certain', evidence: `client id ${clientId} is that of a member of ${group}` }
      : null,
  ({ clientId }, { group }) =>
    clientId !== null && DEFAULT_CLIENT_ID.exec(clientId)?.[1] === group
      ? { confidence: 'certain', evidence: `client id ${clientId} contains the group` }
      : null,
  ({ service }, { members, group }) =>
    (members ?? []).some((member) => member.clientId === service)
      ? { confidence: 'likely', evidence: `a member of ${group} has the service’s name as client id` }
      : null,
  ({ hosts }, { members, group }) => {
    const shared = (members ?? []).find(({ host }) => host !== null && hosts.includes(bareHost(host)))
    return shared === undefined
      ? null
      : { confidence: 'likely', evidence: `a member of ${group} runs on the service’s host ${bareHost(shared.host)}` }
  },
  ({ service }, { group, clusterId }) =>
    service === group
      ? {
          confidence: 'likely',
          evidence: clusterId === null ? 'the service stands for its group' : 'the group has the service’s name',
        }
      : null,
]

/** Brokers write `/10.0.0.5`. */
const bareHost = (host: string | null): string => (host ?? '').replace(/^\//, '')

function attributeAlone(span: ConsumerSpan, groups: readonly DestinationReader[]): ConsumerAttribution {
  const [only] = groups
  const unknown = { group: null, clusterId: null, confidence: 'unknown' } as const
  if (only === undefined) return { ...unknown, evidence: `no group is known on ${span.destination}` }
  if (groups.length > 1) {
    const names = groups.slice(0, 5).map(({ group }) => group)
    return { ...unknown, evidence: `${names.join(', ')} read ${span.destination}; nothing tells which of them it is` }
  }
  const isStranger = span.clientId !== null && (only.members ?? []).some(({ clientId }) => clientId !== null)
  const evidence = `the only group on ${span.destination}${isStranger ? ', though its members have other client ids now' : ''}`
  return { group: only.group, clusterId: only.clusterId, confidence: 'likely', evidence }
}

/** The same group on two clusters with one topic name is two candidates. */
function distinctGroups(readers: readonly DestinationReader[]): readonly DestinationReader[] {
  return [...new Map(readers.map((reader) => [`${reader.clusterId}\0${reader.group}`, reader])).values()]
}
