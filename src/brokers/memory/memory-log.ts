import type { OutgoingMessage } from '#brokers/broker.ts'
import type { BrokerMessage } from '#domain/message.ts'
import { Failure } from '#domain/failure.ts'

/** One destination: lanes of append-only messages; a removed one leaves its place empty. */
export interface MemoryDestination {
  readonly name: string
  readonly lanes: (BrokerMessage | null)[][]
  readonly deadLettersOf: string | null
  nextLane: number
}

/** Groups have a committed sequence per `destination` and lane; joined destinations may have none. */
export interface MemoryGroup {
  readonly name: string
  readonly committed: Map<string, Map<number, number>>
  readonly joined: Set<string>
  /** Nobody else sets positions while there are some. */
  memberCount: number
}

/** The installation that memory adapters open: it outlives them, as a real broker would. */
export interface MemoryLog {
  readonly id: string
  readonly destinations: Map<string, MemoryDestination>
  readonly groups: Map<string, MemoryGroup>
  now: () => number
}

export function createMemoryLog(id = 'memory', now: () => number = Date.now): MemoryLog {
  return { id, destinations: new Map(), groups: new Map(), now }
}

export function createMemoryDestination(
  log: MemoryLog,
  name: string,
  options: { lanes?: number; deadLettersOf?: string } = {},
): void {
  const lanes = Array.from({ length: options.lanes ?? 1 }, (): BrokerMessage[] => [])
  log.destinations.set(name, { name, lanes, deadLettersOf: options.deadLettersOf ?? null, nextLane: 0 })
}

/** @throws Failure `not-found` */
export function findMemoryDestination(log: MemoryLog, name: string): MemoryDestination {
  const found = log.destinations.get(name)
  if (found === undefined) throw new Failure('not-found', `${name} does not exist`)
  return found
}

/** Appends and answers the message as it can be read. @throws Failure `not-found`, `invalid` for a lane out of range */
export function appendToMemory(log: MemoryLog, message: OutgoingMessage): BrokerMessage {
  const destination = findMemoryDestination(log, message.destination)
  const lane = message.lane === null ? chooseLane(destination, message.key) : Number(message.lane)
  const messages = destination.lanes[lane]
  if (messages === undefined) throw new Failure('invalid', `${destination.name} has no lane ${message.lane}`)
  const stored: BrokerMessage = {
    destination: destination.name,
    position: { lane: String(lane), sequence: String(messages.length) },
    key: message.key,
    headers: message.headers,
    payload: message.payload,
    timestampMs: message.timestampMs ?? log.now(),
    timestampKind: 'created',
    attempts: null,
    brokerFailure: null,
  }
  messages.push(stored)
  return stored
}

function chooseLane(destination: MemoryDestination, key: Uint8Array | null): number {
  const count = destination.lanes.length
  if (key === null) return destination.nextLane++ % count
  return key.reduce((hash, byte) => (hash * 31 + byte) >>> 0, 7) % count
}

/** Takes `count` messages from where the group stands and commits past them, lane by lane. */
export function consumeFromMemory(log: MemoryLog, groupName: string, destinationName: string, count: number): void {
  const destination = findMemoryDestination(log, destinationName)
  const group = joinMemoryGroup(log, groupName, destinationName)
  const committed = group.committed.get(destinationName) ?? new Map<number, number>()
  group.committed.set(destinationName, committed)
  let left = count
  for (const [lane, messages] of destination.lanes.entries()) {
    const from = committed.get(lane) ?? 0
    const taken = Math.min(left, messages.length - from)
    committed.set(lane, from + taken)
    left -= taken
  }
}

export function joinMemoryGroup(log: MemoryLog, name: string, destination: string): MemoryGroup {
  const group = log.groups.get(name) ?? { name, committed: new Map(), joined: new Set(), memberCount: 0 }
  group.joined.add(destination)
  log.groups.set(name, group)
  return group
}
