import { refuseAborted } from '#brokers/abortable.ts'
import type { DeadLetterFacet, DeadLetterPlace, FoundPlaces, MessagePage, PageBound } from '#brokers/broker.ts'
import { resolveDeadLetterRoutes } from '#brokers/rabbitmq/dead-letter-routes.ts'
import { isInternalQueue, settingOf, type QueueFacts } from '#brokers/rabbitmq/management-api.ts'
import { MAX_HELD } from '#brokers/rabbitmq/held-queue.ts'
import { createPlaceMemory, type PlaceMemory } from '#brokers/held/place-memory.ts'
import { isStream } from '#brokers/rabbitmq/queue-book.ts'
import type { RabbitmqReach } from '#brokers/rabbitmq/rabbitmq-reach.ts'
import { readStreamPages } from '#brokers/rabbitmq/rabbitmq-replay.ts'
import { isDeadLetterName } from '#domain/dead-letter/is-dead-letter-name.ts'
import { Failure } from '#domain/failure.ts'
import type { BrokerMessage } from '#domain/message.ts'

const COST_OF_LOOKING =
  'Looking takes messages and gives them back: RabbitMQ marks them as redelivered. Queues with a delivery limit are not looked at, as each look would count; streams can be read freely.'
/** A queue whose count has not changed is looked at all the same after so long: one may have gone and another come. */
const LOOK_ANYWAY_MS = 120_000

export function rabbitmqDeadLetters(reach: RabbitmqReach): DeadLetterFacet {
  const memories = new Map<string, PlaceMemory>()
  const memoryOf = (queue: string): PlaceMemory => {
    const memory = memories.get(queue) ?? createPlaceMemory()
    memories.set(queue, memory)
    return memory
  }
  return {
    costOfLooking: COST_OF_LOOKING,
    find: (signal) => findPlaces(reach, signal),
    async *read(destination, checkpoint, bound, signal) {
      const facts = await reach.book.describe(destination, signal)
      if (isStream(facts)) {
        const from = checkpoint !== null && /^\d+$/.test(checkpoint) ? BigInt(checkpoint) : null
        yield* readStreamPages(reach, destination, from, null, bound, signal)
      } else yield* readQueuePages(reach, destination, memoryOf(destination), checkpoint, bound, signal)
    },
    async findGone(destination, positions, signal) {
      if (isStream(await reach.book.describe(destination, signal))) return []
      const seen = memoryOf(destination).present()
      // Only what a look at the whole queue has missed, while nobody else took from it, is gone.
      return seen === null ? [] : positions.filter(({ sequence }) => !seen.has(sequence))
    },
    async remove(destination, positions, signal) {
      // A stream lets nothing go before its time: the console's own records say what is handled.
      if (isStream(await reach.book.describe(destination, signal))) return positions.map(() => ({ outcome: 'done' }))
      const sequences = positions.map(({ sequence }) => sequence)
      return reach.looks.remove(destination, sequences, signal)
    },
  }
}

async function* readQueuePages(
  reach: RabbitmqReach,
  queue: string,
  memory: PlaceMemory,
  checkpoint: string | null,
  bound: PageBound,
  signal: AbortSignal,
): AsyncGenerator<MessagePage> {
  const count = await reach.looks.count(queue, signal)
  if (memory.isUnchanged(checkpoint, count, LOOK_ANYWAY_MS)) return
  const look = await reach.looks.lookAtAll(queue, signal)
  const fresh = memory.recordLook(checkpoint, look)
  const page: BrokerMessage[] = []
  let bytes = 0
  for (const { sequence, delivery } of fresh) {
    refuseAborted(signal)
    const isFull = page.length >= bound.maxMessages || bytes + delivery.body.length > bound.maxBytes
    if (isFull && page.length > 0) {
      yield { messages: page.splice(0), checkpoint: memory.checkpoint(), gaps: [] }
      bytes = 0
    }
    page.push(reach.toMessage(queue, sequence, delivery))
    bytes += delivery.body.length
    memory.note(sequence)
  }
  refuseAborted(signal)
  if (page.length > 0) yield { messages: page, checkpoint: memory.checkpoint(), gaps: [] }
  if (look.isWhole) return
  throw new Failure(
    'limit',
    `${queue} holds more than a look can hold at a time (${MAX_HELD} messages): what lies behind is not seen until the first are gone`,
  )
}

async function findPlaces({ management, configuration }: RabbitmqReach, signal: AbortSignal): Promise<FoundPlaces> {
  const [queues, bindings] = await Promise.all([management.listQueues(signal), management.listBindings(signal)])
  const routes = resolveDeadLetterRoutes(queues, bindings)
  const byPlace = Map.groupBy(routes, ({ place }) => place)
  const byName = new Map(queues.map((queue) => [queue.name, queue]))
  const configured = [...byPlace].map(([destination, into]): DeadLetterPlace => {
    const origins = [...new Set(into.map(({ origin }) => origin))]
    const only = origins.length === 1 ? (origins[0] ?? null) : null
    return {
      destination,
      foundBy: 'configuration',
      evidence: into
        .map(({ evidence }) => evidence)
        .slice(0, 5)
        .join('; '),
      originDestination: only,
      consumerGroup: only,
      retentionMs: ttlOf(byName.get(destination)),
    }
  })
  const byHand = configuration.deadLetterDestinations
    .filter(({ destination }) => byName.has(destination) && !byPlace.has(destination))
    .map(({ destination, originDestination }) => ({
      ...placeOf(byName.get(destination), destination),
      foundBy: 'hand' as const,
      evidence: 'named in the registration',
      originDestination: originDestination ?? null,
      consumerGroup: originDestination ?? null,
    }))
  const named = new Set([...byPlace.keys(), ...byHand.map(({ destination }) => destination)])
  const guessed = queues
    .filter((queue) => !named.has(queue.name) && !isInternalQueue(queue) && isDeadLetterName(queue.name))
    .map((queue) => placeOf(queue, queue.name))
  return { places: [...configured, ...byHand, ...guessed], unreadable: [] }
}

const placeOf = (queue: QueueFacts | undefined, destination: string): DeadLetterPlace => ({
  destination,
  foundBy: 'name',
  evidence: 'its name',
  originDestination: null,
  consumerGroup: null,
  retentionMs: ttlOf(queue),
})

function ttlOf(queue: QueueFacts | undefined): number | null {
  const ttl = queue === undefined ? null : settingOf(queue, 'message-ttl')
  return typeof ttl === 'number' ? ttl : null
}
