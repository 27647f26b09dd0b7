import type { DeadLetterGroup } from '#db/store/dead-letter-group-list.ts'
import type { StuckGroup } from '#db/store/stuck-store.ts'
import type { PauseMark } from '#db/store/pause-store.ts'
import type { ActiveOperation, OverviewFacts, TroubledGroup } from '#db/store/overview-read.ts'
import type { OperationState } from '#domain/operation/operation-state.ts'

/** One thing that a person should look at, next to where its remedy is. */
export interface AttentionItem {
  readonly id: string
  readonly kind: 'consumer' | 'pause' | 'stuck' | 'dead-letters' | 'cluster' | 'operation'
  /** A lag state, how a pause stands, `stuck`, `unreachable`, `open`, or an operation state. */
  readonly state: string
  readonly title: string
  readonly detail: string
  /** Until something is lost for good; null = nothing is, or it is not known. */
  readonly timeLeftMs: number | null
  /** The page of this console where it can be remedied. */
  readonly href: string
  readonly remedy: string
  readonly sinceMs: number | null
}

const MAX_ITEMS = 20

/** Least time left first; what has no end comes after, in the order: brokers, consumers, pauses, stuck messages, operations, dead letters. */
export function rankAttention(found: {
  readonly facts: OverviewFacts
  readonly troubled: readonly TroubledGroup[]
  /** Of which something else is seen than was asked. */
  readonly pauses: readonly PauseMark[]
  readonly held: readonly StuckGroup[]
  readonly stuck: readonly ActiveOperation[]
  readonly failures: readonly DeadLetterGroup[]
  readonly nowMs: number
}): readonly AttentionItem[] {
  const items = [
    ...found.facts.unreachableClusters.map(ofCluster),
    ...found.troubled.map(ofGroup),
    ...found.pauses.map(ofPause),
    ...found.held.map(ofHeld),
    ...found.stuck.map(ofOperation),
    ...found.failures.slice(0, 10).map((group) => ofFailure(group, found.nowMs)),
  ]
  const timeLeft = (item: AttentionItem) => item.timeLeftMs ?? Number.POSITIVE_INFINITY
  // The sort is stable; comparing instead of subtracting keeps two infinities equal.
  return items
    .toSorted((a, b) => (timeLeft(a) < timeLeft(b) ? -1 : timeLeft(a) > timeLeft(b) ? 1 : 0))
    .slice(0, MAX_ITEMS)
}

function ofCluster(cluster: OverviewFacts['unreachableClusters'][number]): AttentionItem {
  return {
    id: `cluster:${cluster.id}`,
    kind: 'cluster',
    state: 'unreachable',
    title: `${cluster.name} cannot be reached`,
    detail: cluster.reason ?? 'the broker does not answer',
    timeLeftMs: null,
    href: `/settings?${new URLSearchParams({ tab: 'clusters', cluster: cluster.id }).toString()}`,
    remedy: 'Open cluster',
    sinceMs: null,
  }
}

const VERDICTS: Readonly<Record<string, string>> = {
  DATA_LOSS: 'lost messages',
  STOPPED: 'has stopped',
  STALLED: 'is stalled',
  REWOUND: 'was rewound',
  LAGGING: 'is falling behind',
  ORPHANED: 'has nobody reading',
}

function ofGroup(group: TroubledGroup): AttentionItem {
  return {
    id: `consumer:${group.clusterId}:${group.group}:${group.destination}`,
    kind: 'consumer',
    state: group.state,
    title: titleOfGroup(group),
    detail: group.sentence,
    timeLeftMs: group.firstLossInMs,
    href: consumerPath(group),
    remedy: 'Open consumer',
    sinceMs: group.stateSinceMs,
  }
}

/** The workers of a queue are a group that bears the queue's name. */
function titleOfGroup({ group, destination, state }: TroubledGroup): string {
  const verdict = `${group} ${VERDICTS[state] ?? 'needs attention'}`
  return group === destination ? verdict : `${verdict} on ${destination}`
}

function consumerPath({ clusterId, group }: Pick<TroubledGroup, 'clusterId' | 'group'>): string {
  return `/consumers/${encodeURIComponent(clusterId)}/${encodeURIComponent(group)}`
}

function ofPause(pause: PauseMark): AttentionItem {
  return {
    id: `pause:${pause.clusterId}:${pause.group}`,
    kind: 'pause',
    state: pause.standing,
    title: `The pause of ${pause.group} is ${pause.standing === 'overdue' ? 'overdue' : 'not obeyed'}`,
    detail: pause.sentence,
    timeLeftMs: null,
    href: consumerPath(pause),
    remedy: 'Open consumer',
    sinceMs: null,
  }
}

function ofHeld({ clusterId, group, destination, messageCount, sentence, sinceMs }: StuckGroup): AttentionItem {
  const noun = messageCount === 1 ? 'message' : 'messages'
  return {
    id: `stuck:${clusterId ?? ''}:${group}:${destination}`,
    kind: 'stuck',
    state: 'stuck',
    title: `${group} has not taken ${String(messageCount)} ${noun} of ${destination} in time`,
    detail: sentence,
    timeLeftMs: null,
    href: `/flows?${new URLSearchParams({ tab: 'stuck', group, to: destination }).toString()}`,
    remedy: 'Show flows',
    sinceMs,
  }
}

const OPERATION_WORDS: Partial<Readonly<Record<OperationState, string>>> = {
  paused: 'is paused',
  partial: 'ended with gaps',
}

function ofOperation(operation: ActiveOperation): AttentionItem {
  return {
    id: `operation:${operation.id}`,
    kind: 'operation',
    state: operation.state,
    title: `Operation op-${String(operation.number)} ${OPERATION_WORDS[operation.state] ?? 'failed'}`,
    detail: operation.stateReason ?? `redrive of ${operation.source}`,
    timeLeftMs: null,
    href: `/operations/${operation.id}`,
    remedy: 'Open operation',
    sinceMs: operation.stateAtMs,
  }
}

function ofFailure(group: DeadLetterGroup, nowMs: number): AttentionItem {
  const noun = group.count === 1 ? 'dead letter' : 'dead letters'
  const [place] = group.places
  return {
    id: `dead-letters:${group.fingerprint}`,
    kind: 'dead-letters',
    state: 'open',
    title: `${String(group.count)} ${noun}: ${group.title}`,
    detail: place === undefined ? 'open' : `in ${place.destination}`,
    timeLeftMs: group.soonestExpiryAtMs === null ? null : Math.max(0, group.soonestExpiryAtMs - nowMs),
    href: `/dead-letters?fingerprint=${group.fingerprint}`,
    remedy: 'Redrive',
    sinceMs: group.firstAtMs,
  }
}
