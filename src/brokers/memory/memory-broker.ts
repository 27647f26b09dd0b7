import { refuseAborted } from '#brokers/abortable.ts'
import type {
  Broker,
  DeadLetterFacet,
  LaneLag,
  LaneRange,
  MessagePage,
  OffsetResetFacet,
  OffsetsFacet,
  PageBound,
  OutgoingMessage,
  ReplaySourceFacet,
  SendFacet,
  SendResult,
} from '#brokers/broker.ts'
import { createMemoryFaults, sendUnderFault, type MemoryFaults } from '#brokers/memory/memory-faults.ts'
import {
  appendToMemory,
  findMemoryDestination,
  type MemoryDestination,
  type MemoryGroup,
  type MemoryLog,
} from '#brokers/memory/memory-log.ts'
import { Failure, toFailure } from '#domain/failure.ts'
import type { BrokerMessage } from '#domain/message.ts'

export interface MemoryBroker extends Broker {
  readonly offsets: Required<OffsetsFacet>
  readonly deadLetters: DeadLetterFacet
  readonly replaySource: ReplaySourceFacet
  readonly faults: MemoryFaults
}

/** The reference adapter: the laws are proven against it first, and engine tests make it fail as they like. */
export function openMemoryBroker(clusterId: string, log: MemoryLog): MemoryBroker {
  const faults = createMemoryFaults()
  let isClosed = false
  const guard = (signal: AbortSignal): void => {
    refuseAborted(signal)
    if (isClosed) throw new Failure('broker-unavailable', 'the adapter is closed', { retryable: false })
  }
  return {
    clusterId,
    kind: 'memory',
    faults,
    identify: async (signal) => {
      guard(signal)
      return log.id
    },
    inventory: {
      read: async (signal) => {
        guard(signal)
        return { destinations: listDestinations(log), groups: listGroups(log), unreadable: [] }
      },
    },
    lag: {
      progress: 'commits',
      ageSource: 'history',
      read: async (signal) => {
        guard(signal)
        const atMs = log.now()
        const lanes = [...log.groups.keys()].flatMap((group) => groupLag(log, group))
        return { committedAtMs: atMs, endAtMs: atMs, lanes, blind: [], groupsMissingBecause: null, unreadable: [] }
      },
    },
    send: sendFacet(log, guard, faults),
    deadLetters: deadLetterFacet(log, guard),
    replaySource: replayFacet(log, guard),
    offsets: {
      read: async (group, destination, signal) => {
        guard(signal)
        return groupLag(log, group).filter((lane) => lane.destination === destination)
      },
      reset: resetFacet(log, guard),
    },
    close: async () => {
      isClosed = true
    },
  }
}

type Guard = (signal: AbortSignal) => void

const listDestinations = (log: MemoryLog) =>
  [...log.destinations.values()].map((one) => ({
    name: one.name,
    kind: 'topic' as const,
    isInternal: false,
    lanes: one.lanes.map((_, lane) => String(lane)),
    retentionMs: null,
    settings: {},
  }))

const listGroups = (log: MemoryLog) =>
  [...log.groups.values()].map((group) => ({
    name: group.name,
    state: 'empty' as const,
    protocol: 'memory',
    members: [],
    destinations: [...group.joined],
  }))

function groupLag(log: MemoryLog, name: string): LaneLag[] {
  const group = log.groups.get(name)
  return [...(group?.joined ?? [])].flatMap((destination) =>
    (log.destinations.get(destination)?.lanes ?? []).map((messages, lane) => ({
      group: name,
      destination,
      lane: String(lane),
      committed: group?.committed.get(destination)?.get(lane) ?? null,
      start: 0,
      end: messages.length,
      oldestAgeMs: null,
    })),
  )
}

function resetFacet(log: MemoryLog, guard: Guard): OffsetResetFacet {
  const demand = (name: string): MemoryGroup => {
    const group = log.groups.get(name)
    if (group === undefined) throw new Failure('not-found', `there is no group ${name}`)
    return group
  }
  return {
    readActivity: async (name, signal) => {
      guard(signal)
      const { memberCount } = demand(name)
      const isInactive = memberCount === 0
      return { isInactive, state: isInactive ? 'empty' : 'stable', memberCount, refusedBecause: null }
    },
    set: async (name, destination, positions, signal) => {
      guard(signal)
      const { committed, memberCount } = demand(name)
      const failure = new Failure('conflict', `group ${name} has members again`)
      if (memberCount > 0) return positions.map(() => ({ outcome: 'failed', failure }))
      const lanes = committed.get(destination) ?? new Map<number, number>()
      committed.set(destination, lanes)
      for (const { lane, to } of positions) {
        if (to === null) lanes.delete(Number(lane))
        else lanes.set(Number(lane), to)
      }
      return positions.map(() => ({ outcome: 'done' }))
    },
  }
}

/** One send after the other, so that a delayed message does not let later ones overtake it. */
function sendFacet(log: MemoryLog, guard: Guard, faults: MemoryFaults): SendFacet {
  let queue: Promise<unknown> = Promise.resolve()
  const append = (message: OutgoingMessage): SendResult => {
    try {
      return { outcome: 'confirmed', position: appendToMemory(log, message).position }
    } catch (error) {
      return { outcome: 'refused', failure: toFailure(error) }
    }
  }
  return {
    confirmContract: 'the message is in the memory of this process',
    send: async (messages, signal) => {
      guard(signal)
      const results = queue.then(async () => {
        const done: SendResult[] = []
        for (const message of messages) done.push(await sendUnderFault(faults.next(message), () => append(message)))
        return done
      })
      queue = results
      return results
    },
  }
}

function deadLetterFacet(log: MemoryLog, guard: Guard): DeadLetterFacet {
  return {
    costOfLooking: null,
    find: async (signal) => {
      guard(signal)
      const places = [...log.destinations.values()].flatMap((one) =>
        one.deadLettersOf === null
          ? []
          : [
              {
                destination: one.name,
                foundBy: 'configuration' as const,
                evidence: `made for the dead letters of ${one.deadLettersOf}`,
                originDestination: one.deadLettersOf,
                consumerGroup: null,
                retentionMs: null,
              },
            ],
      )
      return { places, unreadable: [] }
    },
    findGone: async (name, positions, signal) => {
      guard(signal)
      const { lanes } = findMemoryDestination(log, name)
      return positions.filter(({ lane, sequence }) => !lanes[Number(lane)]?.[Number(sequence)])
    },
    async *read(name, checkpoint, bound, signal) {
      guard(signal)
      const destination = findMemoryDestination(log, name)
      const done = checkpoint === null ? [] : (JSON.parse(checkpoint) as number[])
      const ranges = destination.lanes.map((messages, lane): LaneRange => ({
        lane: String(lane),
        from: String(done[lane] ?? 0),
        to: String(messages.length),
      }))
      yield* readRanges({ destination, ranges, bound, signal, guard })
    },
    remove: async (name, positions, signal) => {
      guard(signal)
      const destination = findMemoryDestination(log, name)
      return positions.map((position) => {
        const messages = destination.lanes[Number(position.lane)] ?? []
        const isThere = Boolean(messages[Number(position.sequence)])
        if (isThere) messages[Number(position.sequence)] = null
        return { outcome: isThere ? ('done' as const) : ('already-gone' as const) }
      })
    },
  }
}

function replayFacet(log: MemoryLog, guard: Guard): ReplaySourceFacet {
  return {
    resolve: async (name, fromMs, toMs, signal) => {
      guard(signal)
      return findMemoryDestination(log, name).lanes.map((messages, lane) => {
        const first = (ms: number): number => {
          const found = messages.findIndex((one) => one !== null && (one.timestampMs ?? 0) >= ms)
          return found < 0 ? messages.length : found
        }
        const from = first(fromMs)
        return { lane: String(lane), from: String(from), to: String(Math.max(from, first(toMs))) }
      })
    },
    async *read(name, ranges, bound, signal) {
      guard(signal)
      yield* readRanges({ destination: findMemoryDestination(log, name), ranges, bound, signal, guard })
    },
    readAt: async (name, positions, signal) => {
      guard(signal)
      const destination = findMemoryDestination(log, name)
      return positions.flatMap(({ lane, sequence }) => destination.lanes[Number(lane)]?.[Number(sequence)] ?? [])
    },
  }
}

interface Reading {
  readonly destination: MemoryDestination
  readonly ranges: readonly LaneRange[]
  readonly bound: PageBound
  readonly signal: AbortSignal
  readonly guard: Guard
}

async function* readRanges({ destination, ranges, bound, signal, guard }: Reading): AsyncGenerator<MessagePage> {
  const next = destination.lanes.map(() => 0)
  for (const range of ranges) next[Number(range.lane)] = Number(range.from)
  let page: BrokerMessage[] = []
  let bytes = 0
  for (const { lane, to } of ranges) {
    for (let at = next[Number(lane)] ?? 0; at < Number(to); at++) {
      next[Number(lane)] = at + 1
      const message = destination.lanes[Number(lane)]?.[at]
      if (!message) continue
      page.push(message)
      bytes += message.payload?.length ?? 0
      if (page.length < bound.maxMessages && bytes < bound.maxBytes) continue
      yield { messages: page, checkpoint: JSON.stringify(next), gaps: [] }
      guard(signal)
      page = []
      bytes = 0
    }
  }
  if (page.length > 0) yield { messages: page, checkpoint: JSON.stringify(next), gaps: [] }
}
