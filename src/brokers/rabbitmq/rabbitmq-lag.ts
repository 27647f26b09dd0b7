import { randomUUID } from 'node:crypto'
import type { BlindLane, LagFacet, LaneLag, Unreadable } from '#brokers/broker.ts'
import { placesOf, resolveDeadLetterRoutes } from '#brokers/rabbitmq/dead-letter-routes.ts'
import { isInternalQueue, type BindingFacts, type QueueFacts } from '#brokers/rabbitmq/management-api.ts'
import type { RabbitmqReach } from '#brokers/rabbitmq/rabbitmq-reach.ts'
import { toFailure } from '#domain/failure.ts'

interface Counter {
  /** All that has come since the first reading. */
  end: number
  backlog: number
  drained: number
}

/**
 * What each queue owes: messages that are ready and messages that a consumer holds. A queue has no positions, so they are
 * counted from what was first seen: `end` grows by what the backlog grew and by what was taken away meanwhile,
 * `committed` is the end less the backlog. RabbitMQ's own figures are up to 5 s old.
 */
export function rabbitmqLag(reach: RabbitmqReach): LagFacet {
  const counters = new Map<string, Counter>()
  // Counting begins anew with this adapter: its numbers cannot be compared with those of the one before.
  const incarnation = randomUUID()
  return {
    progress: 'removals',
    ageSource: 'broker',
    async read(signal) {
      const [queues, { bindings, unreadable }] = await Promise.all([
        reach.management.listQueues(signal),
        readBindings(reach, signal),
      ])
      const places = placesOf(resolveDeadLetterRoutes(queues, bindings))
      const atMs = Date.now()
      const watched = queues.filter((one) => !isInternalQueue(one) && !places.has(one.name) && one.type !== 'stream')
      const names = new Set(watched.map(({ name }) => name))
      for (const name of counters.keys()) if (!names.has(name)) counters.delete(name)
      return {
        committedAtMs: atMs,
        endAtMs: atMs,
        lanes: watched.flatMap((queue) => advance(counters, queue, incarnation, atMs) ?? []),
        blind: watched.flatMap(blindnessOf),
        groupsMissingBecause: null,
        unreadable,
      }
    },
  }
}

/** Without them places of dead letters cannot be told from other queues. */
async function readBindings(
  { management }: RabbitmqReach,
  signal: AbortSignal,
): Promise<{ readonly bindings: readonly BindingFacts[]; readonly unreadable: readonly Unreadable[] }> {
  try {
    return { bindings: await management.listBindings(signal), unreadable: [] }
  } catch (error) {
    signal.throwIfAborted()
    return { bindings: [], unreadable: [{ subject: 'bindings', reason: toFailure(error).message }] }
  }
}

function advance(counters: Map<string, Counter>, queue: QueueFacts, incarnation: string, atMs: number): LaneLag | null {
  const { messages_ready: ready, messages_unacknowledged: held, message_stats: stats } = queue
  if (ready === undefined || held === undefined) return null
  const backlog = ready + held
  const drained = (stats?.ack ?? 0) + (stats?.deliver_no_ack ?? 0) + (stats?.get_no_ack ?? 0)
  const known = counters.get(queue.name)
  const taken = known === undefined ? 0 : Math.max(0, drained - known.drained)
  const end = known === undefined ? backlog : known.end + Math.max(0, backlog - known.backlog + taken)
  counters.set(queue.name, { end, backlog, drained })
  return {
    group: queue.name,
    destination: queue.name,
    lane: '',
    committed: end - backlog,
    start: 0,
    end,
    incarnation,
    oldestAgeMs: backlog === 0 ? 0 : ageOfHead(queue, atMs),
  }
}

/** Of the first message's own timestamp (seconds since 1970), which its sender may have left out. */
function ageOfHead({ head_message_timestamp: head }: QueueFacts, atMs: number): number | null {
  return typeof head === 'number' && head > 0 ? Math.max(0, atMs - head * 1_000) : null
}

function blindnessOf({ name, state, messages_ready: ready }: QueueFacts): BlindLane[] {
  if (ready !== undefined) return []
  const reason = state === 'down' ? 'the queue is down' : 'the management API has no figures for it yet'
  return [{ group: name, destination: name, lane: '', reason }]
}
