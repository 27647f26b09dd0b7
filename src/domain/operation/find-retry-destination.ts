/** A group that failed on messages of an origin; null = the dead letters do not say. */
export interface FailedGroup {
  readonly origin: string | null
  readonly group: string | null
}

/** A destination as the inventory knows it, with the groups that read it. */
export interface KnownPlace {
  readonly name: string
  readonly isInternal: boolean
  readonly readers: readonly string[]
}

/** That a person has said where the retries of a group go. */
export interface ConfiguredRetry {
  readonly originDestination: string
  readonly consumerGroup: string
  readonly destination: string
}

export interface RetryKnowledge {
  /** Each queue has its own workers and nobody else: then the queue of the group is its retry destination. */
  readonly hasQueuePerGroup: boolean
  readonly configured: readonly ConfiguredRetry[]
  readonly places: readonly KnownPlace[]
}

export type RetryFinding = { readonly destination: string } | { readonly reason: string }

/**
 * Whether a reader is the group itself or its retry listener: Spring's `@RetryableTopic` adds the suffix of the topic to
 * the group (`payments` reads `orders-retry-0` as `payments-retry-0`).
 */
export function isReaderOfGroup(reader: string, group: string): boolean {
  if (reader === group) return true
  return reader.startsWith(group) && /^[-._]retry(?:[-._]\d+)?$/.test(reader.slice(group.length))
}

/** Names by which retry destinations go, those of one group alone before those that groups may share. */
export function retryNamesOf({ origin, group }: FailedGroup): readonly string[] {
  if (origin === null || group === null) return []
  return [...ownNames(origin, group), `${origin}-retry`, `${origin}-retry-0`, `${origin}.retry`]
}

const ownNames = (origin: string, group: string): readonly string[] => [
  `${origin}-${group}-retry`,
  `${origin}-${group}-retry-0`,
  `${origin}.${group}.retry`,
  `${origin}_${group}_retry`,
  `${group}-${origin}-retry`,
]

/** The destination whose copies only this group sees, or why there is none. */
export function findRetryDestination(failed: FailedGroup, known: RetryKnowledge): RetryFinding {
  const { origin, group } = failed
  if (group === null) return { reason: 'which group failed is not known, so neither is its retry destination' }
  const placeOf = (name: string): KnownPlace | undefined => known.places.find((place) => place.name === name)
  if (known.hasQueuePerGroup) {
    return placeOf(group) === undefined ? { reason: `${group} has no queue any more` } : { destination: group }
  }
  if (origin === null) return { reason: 'the origin is unknown' }
  const configured = known.configured.find((one) => one.originDestination === origin && one.consumerGroup === group)
  if (configured !== undefined) {
    const name = configured.destination
    return placeOf(name) === undefined ? { reason: `${name} does not exist` } : { destination: name }
  }
  const own = new Set(ownNames(origin, group))
  let shared: string | null = null
  for (const name of retryNamesOf(failed)) {
    const place = placeOf(name)
    if (place === undefined || place.isInternal) continue
    const others = place.readers.filter((reader) => !isReaderOfGroup(reader, group))
    const isProvenOwn = own.has(name) || place.readers.length > 0
    if (others.length === 0 && isProvenOwn) return { destination: name }
    shared ??= others.length > 0 ? `${name} is also read by ${others.slice(0, 3).join(', ')}` : `nobody reads ${name}`
  }
  return { reason: shared ?? `no retry destination of ${group} for ${origin} is known` }
}
