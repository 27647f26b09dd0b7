import { refuseAborted } from '#brokers/abortable.ts'
import type { DeadLetterFacet, DeadLetterPlace, FoundPlaces, MessagePage, PageBound } from '#brokers/broker.ts'
import { MAX_HELD } from '#brokers/sqs/held-queue.ts'
import { createPlaceMemory, type PlaceMemory } from '#brokers/held/place-memory.ts'
import type { QueueFacts } from '#brokers/sqs/queue-directory.ts'
import { deadLetterPlacesOf, retentionOf } from '#brokers/sqs/sqs-inventory.ts'
import { toBrokerMessage } from '#brokers/sqs/sqs-message.ts'
import type { SqsReach } from '#brokers/sqs/sqs-reach.ts'
import { isDeadLetterName } from '#domain/dead-letter/is-dead-letter-name.ts'
import { Failure } from '#domain/failure.ts'
import type { BrokerMessage } from '#domain/message.ts'

const COST_OF_LOOKING =
  'Looking receives messages and gives them back at once: they are hidden from others for that moment, and their receive count rises by one. Queues that give messages up after few receives are not looked at. Each look costs one request for every ten messages to receive and one to give back.'
/** A queue whose count has not changed is looked at all the same after so long: one may have gone and another come. */
const LOOK_ANYWAY_MS = 300_000

export function sqsDeadLetters(reach: SqsReach): DeadLetterFacet {
  const memories = new Map<string, PlaceMemory>()
  const memoryOf = (queue: string): PlaceMemory => {
    const memory = memories.get(queue) ?? createPlaceMemory()
    memories.set(queue, memory)
    return memory
  }
  return {
    costOfLooking: COST_OF_LOOKING,
    find: (signal) => findPlaces(reach, signal),
    read: (destination, checkpoint, bound, signal) =>
      readQueuePages(reach, destination, memoryOf(destination), checkpoint, bound, signal),
    async findGone(destination, positions, signal) {
      const seen = memoryOf(destination).present()
      if (seen === null) return []
      // One look may miss what another server of SQS keeps.
      const suspects = positions.filter(({ sequence }) => !seen.has(sequence))
      if (suspects.length === 0) return []
      const sequences = suspects.map(({ sequence }) => sequence)
      const gone = new Set(await reach.looks.findGone(destination, sequences, signal))
      return suspects.filter(({ sequence }) => gone.has(sequence))
    },
    remove: (destination, positions, signal) =>
      reach.looks.remove(
        destination,
        positions.map(({ sequence }) => sequence),
        signal,
      ),
  }
}

async function* readQueuePages(
  { looks, configuration }: SqsReach,
  queue: string,
  memory: PlaceMemory,
  checkpoint: string | null,
  bound: PageBound,
  signal: AbortSignal,
): AsyncGenerator<MessagePage> {
  const count = await looks.count(queue, signal)
  if (memory.isUnchanged(checkpoint, count, LOOK_ANYWAY_MS)) return
  const look = await looks.lookAtAll(queue, signal)
  const fresh = memory.recordLook(checkpoint, look)
  const page: BrokerMessage[] = []
  let bytes = 0
  for (const { sequence, message } of fresh) {
    refuseAborted(signal)
    const size = message.Body?.length ?? 0
    const isFull = page.length >= bound.maxMessages || bytes + size > bound.maxBytes
    if (isFull && page.length > 0) {
      yield { messages: page.splice(0), checkpoint: memory.checkpoint(), gaps: [] }
      bytes = 0
    }
    page.push(toBrokerMessage(queue, message, configuration.keyAttribute))
    bytes += size
    memory.note(sequence)
  }
  refuseAborted(signal)
  if (page.length > 0) yield { messages: page, checkpoint: memory.checkpoint(), gaps: [] }
  if (look.isWhole) return
  throw new Failure(
    'limit',
    `${queue} holds more than a look can show (${MAX_HELD} messages, of a FIFO queue ten of each group): what lies behind is not seen until the first are gone`,
  )
}

async function findPlaces({ directory, configuration }: SqsReach, signal: AbortSignal): Promise<FoundPlaces> {
  const readings = await directory.readAll(signal)
  const queues = readings.flatMap((one) => ('facts' in one ? [one.facts] : []))
  const byName = new Map(queues.map((queue) => [queue.name, queue]))
  const origins = deadLetterPlacesOf(queues)
  const configured = [...origins].map(([destination, from]): DeadLetterPlace => {
    const only = from.length === 1 ? (from[0] ?? null) : null
    const limits = from.slice(0, 5).map((name) => {
      const count = byName.get(name)?.redrive?.maxReceiveCount
      return `the redrive policy of ${name} (after ${count} receives)`
    })
    return {
      ...placeOf(byName.get(destination), destination),
      foundBy: 'configuration',
      evidence: limits.join('; '),
      originDestination: only,
      consumerGroup: only,
    }
  })
  const byHand = configuration.deadLetterDestinations
    .filter(({ destination }) => !origins.has(destination))
    .map(({ destination, originDestination }) => ({
      ...placeOf(byName.get(destination), destination),
      foundBy: 'hand' as const,
      evidence: 'named in the registration',
      originDestination: originDestination ?? null,
      consumerGroup: originDestination ?? null,
    }))
  const named = new Set([...origins.keys(), ...byHand.map(({ destination }) => destination)])
  const guessed = queues
    .filter(({ name }) => !named.has(name) && isDeadLetterName(name))
    .map((queue) => placeOf(queue, queue.name))
  return {
    places: [...configured, ...byHand, ...guessed],
    unreadable: readings.flatMap((one) =>
      'failure' in one ? [{ subject: one.name, reason: one.failure.message }] : [],
    ),
  }
}

const placeOf = (queue: QueueFacts | undefined, destination: string): DeadLetterPlace => ({
  destination,
  foundBy: 'name',
  evidence: 'its name',
  originDestination: null,
  consumerGroup: null,
  retentionMs: queue === undefined ? null : retentionOf(queue),
})
