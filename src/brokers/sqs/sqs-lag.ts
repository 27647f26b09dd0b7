import { randomUUID } from 'node:crypto'
import type { LagFacet, LaneLag } from '#brokers/broker.ts'
import type { QueueFacts } from '#brokers/sqs/queue-directory.ts'
import { deadLetterPlacesOf } from '#brokers/sqs/sqs-inventory.ts'
import type { SqsReach } from '#brokers/sqs/sqs-reach.ts'

interface Counter {
  /** All that was seen to come since the first reading. */
  end: number
  backlog: number
}

/**
 * What each queue owes: messages that are visible and messages that a worker holds; delayed ones are not due yet. A queue
 * has no positions, so they are counted from what was first seen: `end` grows with the backlog, `committed` is the end
 * less the backlog. What comes and goes between two readings is in neither. SQS gives no age but to CloudWatch, whose
 * figure leaves out what was received three times and more.
 */
export function sqsLag({ directory }: SqsReach): LagFacet {
  const counters = new Map<string, Counter>()
  // Counting begins anew with this adapter: its numbers cannot be compared with those of the one before.
  const incarnation = randomUUID()
  return {
    progress: 'removals',
    ageSource: 'broker',
    async read(signal) {
      const committedAtMs = Date.now()
      const readings = await directory.readAll(signal)
      const queues = readings.flatMap((one) => ('facts' in one ? [one.facts] : []))
      const places = deadLetterPlacesOf(queues)
      const watched = queues.filter(({ name }) => !places.has(name))
      const names = new Set(readings.map(({ name }) => name))
      for (const name of counters.keys()) if (!names.has(name)) counters.delete(name)
      return {
        committedAtMs,
        endAtMs: Date.now(),
        lanes: watched.map((queue) => advance(counters, queue, incarnation)),
        blind: readings.flatMap((one) =>
          'failure' in one ? [{ group: one.name, destination: one.name, lane: '', reason: one.failure.message }] : [],
        ),
        groupsMissingBecause: null,
        unreadable: [],
      }
    },
  }
}

function advance(counters: Map<string, Counter>, queue: QueueFacts, incarnation: string): LaneLag {
  const backlog = queue.visible + queue.inFlight
  const known = counters.get(queue.name)
  const end = known === undefined ? backlog : known.end + Math.max(0, backlog - known.backlog)
  counters.set(queue.name, { end, backlog })
  const created = queue.attributes['CreatedTimestamp'] ?? ''
  return {
    group: queue.name,
    destination: queue.name,
    lane: '',
    committed: end - backlog,
    start: 0,
    end,
    incarnation: `${incarnation} ${created}`,
    oldestAgeMs: backlog === 0 ? 0 : null,
  }
}
