import { SendMessageBatchCommand, type SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs'
import type { OutgoingMessage, SendFacet, SendResult } from '#brokers/broker.ts'
import { mapBounded } from '#brokers/sqs/map-bounded.ts'
import { failureOfName, isCertainlyRefused, toSqsFailure } from '#brokers/sqs/sqs-failure.ts'
import { prepareEntry, sizeOf } from '#brokers/sqs/sqs-message.ts'
import type { SqsReach } from '#brokers/sqs/sqs-reach.ts'
import { Failure, toFailure } from '#domain/failure.ts'

const CONFIRM_CONTRACT =
  'SQS has named the message among the successful ones of its batch, with an id: it is stored in several data centres of the region.'
const MAX_ENTRIES = 10
/** Of the smallest limit that regions have; a larger message goes alone, and SQS decides about it. */
const MAX_BATCH_BYTES = 256 * 1024
/** Messages that share a key are always sent in the same one of these ways, one batch after the other. */
const WAYS = 8

interface Waiting {
  readonly at: number
  readonly entry: SendMessageBatchRequestEntry
}

export function sqsSend(reach: SqsReach): SendFacet {
  /** The end of what is being sent, by queue and way. */
  const ends = new Map<string, Promise<unknown>>()

  const afterOthers = <Result>(way: string, act: () => Promise<Result>): Promise<Result> => {
    const mine = (ends.get(way) ?? Promise.resolve()).then(act, act)
    const end = mine.catch(() => undefined).finally(() => ends.get(way) === end && ends.delete(way))
    ends.set(way, end)
    return mine
  }

  return {
    confirmContract: CONFIRM_CONTRACT,
    async send(messages, signal) {
      const results: SendResult[] = []
      const at = messages.map((message, index) => ({ message, index }))
      const byQueue = Map.groupBy(at, ({ message }) => message.destination)
      await mapBounded([...byQueue], byQueue.size, async ([queue, ofQueue]) => {
        // What is sent at a time takes its turns in the order of the calls, however long their first look at the queue takes.
        const sends = await afterOthers(queue, async () => {
          const ways = await prepareWays(reach, queue, ofQueue, results, signal)
          return [...ways].map(([way, waiting]) =>
            afterOthers(`${queue} ${way}`, async () => {
              for (const batch of cutBatches(waiting)) await sendBatch(reach, queue, batch, results, signal)
            }),
          )
        })
        await Promise.all(sends)
      })
      return results
    },
  }
}

interface Numbered {
  readonly message: OutgoingMessage
  readonly index: number
}

/** What can be sent, by the way that it goes; the others are refused in `results`. */
async function prepareWays(
  { directory, configuration }: SqsReach,
  queue: string,
  ofQueue: readonly Numbered[],
  results: SendResult[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, readonly Waiting[]>> {
  const ways = new Map<number, Waiting[]>()
  let isFifo: boolean
  try {
    ;({ isFifo } = await directory.describe(queue, signal))
  } catch (error) {
    // Nothing was sent.
    for (const { index } of ofQueue) results[index] = refused(toFailure(error))
    return ways
  }
  for (const [order, { message, index }] of ofQueue.entries()) {
    try {
      const entry = { Id: String(index), ...prepareEntry(message, isFifo, configuration.keyAttribute) }
      const way = message.key === null ? Math.floor(order / MAX_ENTRIES) % WAYS : wayOf(message.key)
      ways.set(way, [...(ways.get(way) ?? []), { at: index, entry }])
    } catch (error) {
      results[index] = refused(toFailure(error))
    }
  }
  return ways
}

const refused = (failure: Failure): SendResult => ({ outcome: 'refused', failure })

function wayOf(key: Uint8Array): number {
  let hash = 0
  for (const byte of key) hash = (hash * 31 + byte) % 65_521
  return hash % WAYS
}

function cutBatches(waiting: readonly Waiting[]): readonly (readonly Waiting[])[] {
  const batches: Waiting[][] = []
  let bytes = Infinity
  for (const one of waiting) {
    const size = sizeOf(one.entry)
    bytes += size
    if (bytes > MAX_BATCH_BYTES || (batches.at(-1)?.length ?? 0) >= MAX_ENTRIES) {
      batches.push([])
      bytes = size
    }
    batches.at(-1)?.push(one)
  }
  return batches
}

async function sendBatch(
  { client, directory }: SqsReach,
  queue: string,
  batch: readonly Waiting[],
  results: SendResult[],
  signal: AbortSignal,
): Promise<void> {
  try {
    const url = await directory.urlOf(queue, signal)
    const send = new SendMessageBatchCommand({ QueueUrl: url, Entries: batch.map(({ entry }) => entry) })
    const answer = await client.once((sqs, options) => sqs.send(send, options), signal)
    for (const { Id: id, MessageId: sequence } of answer.Successful ?? []) {
      const position = sequence === undefined ? null : { lane: '', sequence }
      results[Number(id)] = { outcome: 'confirmed', position }
    }
    for (const { Id: id, Code: code = '', Message: message = code, SenderFault: isOurs } of answer.Failed ?? []) {
      const known = failureOfName(code, message)
      const other = new Failure('invalid', `SQS refused: ${message} (${code})`, { retryable: isOurs !== true })
      results[Number(id)] = refused(known ?? other)
    }
    for (const { at } of batch) results[at] ??= unknown('SQS said nothing about it')
  } catch (error) {
    const failure = toSqsFailure(error)
    if (failure.code === 'not-found') directory.forget(queue)
    const isRefused = failure === error || isCertainlyRefused(error)
    for (const { at } of batch) results[at] = isRefused ? refused(failure) : unknown(failure.message, failure)
  }
}

const unknown = (why: string, cause?: unknown): SendResult => ({
  outcome: 'unknown',
  failure: new Failure('outcome-unknown', why, { cause }),
})
