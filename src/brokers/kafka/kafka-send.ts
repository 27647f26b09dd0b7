import type { OutgoingMessage, SendFacet, SendResult } from '#brokers/broker.ts'
import { refuseAborted } from '#brokers/abortable.ts'
import { type LocatedTopic, type TopicDirectory } from '#brokers/kafka/cluster-view.ts'
import { choosePartition } from '#brokers/kafka/choose-partition.ts'
import type { KafkaClient } from '#brokers/kafka/kafka-client.ts'
import { toKafkaFailure } from '#brokers/kafka/kafka-failure.ts'
import { createLaneWriter, type LaneWriter } from '#brokers/kafka/lane-writer.ts'
import { createProducerIdentities } from '#brokers/kafka/producer-identity.ts'
import { Failure } from '#domain/failure.ts'

const CONFIRM_CONTRACT =
  'acks=all, idempotent: every in-sync replica has the record in its log, and a repeated try is not appended twice. ' +
  'In the log means the page cache, not yet the disk. With replication factor 1 or min.insync.replicas 1 the loss of ' +
  'one broker can lose confirmed records.'

const BATCH_MESSAGES = 1_000
/** Below the 1 MiB that brokers accept by default, with room for the batch's own bytes. */
const BATCH_BYTES = 900_000
const RECORD_OVERHEAD_BYTES = 64

/** Partitions in parallel, each in order, in batches; batches that one record spoils are taken apart. */
export function createKafkaSend(client: KafkaClient, topics: TopicDirectory): SendFacet {
  const identities = createProducerIdentities(client)
  const writers = new Map<string, LaneWriter>()
  const turns = new Map<string, number>()

  const writerOf = (destination: string, partition: number): LaneWriter => {
    const key = `${destination}/${partition}`
    const known = writers.get(key)
    if (known !== undefined) return known
    const made = createLaneWriter({ client, topics, identities, destination, partition })
    writers.set(key, made)
    return made
  }

  return {
    confirmContract: CONFIRM_CONTRACT,
    async send(messages, signal) {
      refuseAborted(signal)
      const results: (SendResult | undefined)[] = messages.map(() => undefined)
      const located = await locate(topics, messages, signal)
      const lanes = new Map<LaneWriter, Placed[]>()
      for (const [index, message] of messages.entries()) {
        const found = located.get(message.destination)
        const partition = found instanceof Failure ? found : toPartition(message, found, turns)
        if (partition instanceof Failure) {
          results[index] = { outcome: 'refused', failure: partition }
          continue
        }
        const writer = writerOf(message.destination, partition)
        const lane = lanes.get(writer)
        if (lane === undefined) lanes.set(writer, [{ message, index }])
        else lane.push({ message, index })
      }
      for (const destination of located.keys()) turns.set(destination, (turns.get(destination) ?? 0) + 1)
      await Promise.all(
        [...lanes].flatMap(([writer, all]) =>
          toBatches(all).map(async (batch) => {
            const placed = batch.map((one) => one.message)
            const answers = await writer.write(placed, signal)
            for (const [at, { index }] of batch.entries()) results[index] = answers[at]
          }),
        ),
      )
      return messages.map((message, index) => results[index] ?? lost(message))
    },
  }
}

interface Placed {
  readonly message: OutgoingMessage
  readonly index: number
}

const lost = (message: OutgoingMessage): SendResult => ({
  outcome: 'unknown',
  failure: new Failure('outcome-unknown', `no answer was kept for a message to ${message.destination}`),
})

async function locate(
  topics: TopicDirectory,
  messages: readonly OutgoingMessage[],
  signal: AbortSignal,
): Promise<Map<string, LocatedTopic | Failure>> {
  const names = [...new Set(messages.map((message) => message.destination))]
  const found = await Promise.all(
    names.map(async (name): Promise<[string, LocatedTopic | Failure]> => {
      try {
        return [name, await topics.find(name, signal)]
      } catch (error) {
        return [name, toKafkaFailure(error, `topic ${name}`)]
      }
    }),
  )
  return new Map(found)
}

function toPartition(
  message: OutgoingMessage,
  located: LocatedTopic | undefined,
  turns: ReadonlyMap<string, number>,
): number | Failure {
  const partitions = located?.topic.partitions ?? []
  if (message.lane === null) return choosePartition(message.key, partitions.length, turns.get(message.destination) ?? 0)
  const wanted = Number(message.lane)
  if (partitions.some((one) => one.partition === wanted)) return wanted
  return new Failure('invalid', `${message.destination} has no partition ${message.lane}`)
}

function toBatches(messages: readonly Placed[]): Placed[][] {
  const batches: Placed[][] = []
  let batch: Placed[] = []
  let bytes = 0
  for (const placed of messages) {
    const size = sizeOf(placed.message)
    if (batch.length > 0 && (batch.length >= BATCH_MESSAGES || bytes + size > BATCH_BYTES)) {
      batches.push(batch)
      batch = []
      bytes = 0
    }
    batch.push(placed)
    bytes += size
  }
  if (batch.length > 0) batches.push(batch)
  return batches
}

function sizeOf(message: OutgoingMessage): number {
  const headers = message.headers.reduce(
    (sum, header) => sum + header.name.length * 3 + 10 + (header.value?.length ?? 0),
    0,
  )
  return RECORD_OVERHEAD_BYTES + (message.key?.length ?? 0) + (message.payload?.length ?? 0) + headers
}
