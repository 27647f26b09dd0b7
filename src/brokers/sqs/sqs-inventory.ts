import type { ConsumerGroup, Destination, Inventory, Unreadable } from '#brokers/broker.ts'
import { mapBounded } from '#brokers/sqs/map-bounded.ts'
import type { QueueFacts } from '#brokers/sqs/queue-directory.ts'
import type { SqsReach } from '#brokers/sqs/sqs-reach.ts'
import { isDeadLetterName } from '#domain/dead-letter/is-dead-letter-name.ts'
import { toFailure } from '#domain/failure.ts'

const AT_ONCE = 8
/** They change from one look to the next, and lag shows them. */
const FIGURES = /^Approximate/
/** A policy may name other accounts and is long; who needs it looks it up. */
const UNSHOWN = new Set(['Policy'])

/** Queues with their redrive policies both ways. SQS keeps no record of who receives, so a queue is its one group. */
export async function readSqsInventory({ directory }: SqsReach, signal: AbortSignal): Promise<Inventory> {
  const readings = await directory.readAll(signal)
  const queues = readings.flatMap((one) => ('facts' in one ? [one.facts] : []))
  const unreadable: Unreadable[] = readings.flatMap((one) =>
    'failure' in one ? [{ subject: one.name, reason: one.failure.message }] : [],
  )
  const places = deadLetterPlacesOf(queues)
  const candidates = queues.filter(({ name }) => places.has(name) || isDeadLetterName(name))
  const origins = new Map<string, readonly string[]>()
  await mapBounded(candidates, AT_ONCE, async ({ name }) => {
    try {
      origins.set(name, await directory.listOrigins(name, signal))
    } catch (error) {
      signal.throwIfAborted()
      const failure = toFailure(error)
      if (failure.code !== 'not-found') unreadable.push({ subject: `sources of ${name}`, reason: failure.message })
    }
  })
  return {
    destinations: queues.map((queue) => describeQueue(queue, origins.get(queue.name) ?? places.get(queue.name) ?? [])),
    groups: queues.filter(({ name }) => !places.has(name)).map(describeGroup),
    unreadable,
  }
}

/** The places that redrive policies name, with the queues whose policies these are. */
export function deadLetterPlacesOf(queues: readonly QueueFacts[]): ReadonlyMap<string, readonly string[]> {
  const places = new Map<string, string[]>()
  for (const { name, redrive } of queues) {
    if (redrive !== null) places.set(redrive.place, [...(places.get(redrive.place) ?? []), name])
  }
  return places
}

/** How long SQS keeps a message; null where it does not say. */
export function retentionOf({ attributes }: QueueFacts): number | null {
  const seconds = Number(attributes['MessageRetentionPeriod'] ?? Number.NaN)
  return Number.isFinite(seconds) ? seconds * 1_000 : null
}

function describeQueue(queue: QueueFacts, origins: readonly string[]): Destination {
  const shown = Object.entries(queue.attributes).filter(([name]) => !FIGURES.test(name) && !UNSHOWN.has(name))
  return {
    name: queue.name,
    kind: 'queue',
    isInternal: false,
    lanes: [''],
    retentionMs: retentionOf(queue),
    settings: {
      type: queue.isFifo ? 'FIFO' : 'standard',
      deadLettersLandIn: queue.redrive?.place ?? null,
      deadLettersOf: origins.length === 0 ? null : origins.slice(0, 20).join(', '),
      ...Object.fromEntries(shown.map(([name, value]) => [name, value ?? null])),
    },
  }
}

const describeGroup = ({ name }: QueueFacts): ConsumerGroup => ({
  name,
  state: 'unknown',
  protocol: 'sqs',
  members: null,
  destinations: [name],
})
