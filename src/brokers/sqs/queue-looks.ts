import type { Message } from '@aws-sdk/client-sqs'
import type { SettleResult } from '#brokers/broker.ts'
import { createHeldQueue, MAX_HELD, type HeldMessage, type HeldQueue } from '#brokers/sqs/held-queue.ts'
import { createHoldTurns } from '#brokers/held/hold-turns.ts'
import type { WholeLook } from '#brokers/held/place-memory.ts'
import type { QueueDirectory, QueueFacts } from '#brokers/sqs/queue-directory.ts'
import type { SqsClient } from '#brokers/sqs/sqs-client.ts'
import { Failure } from '#domain/failure.ts'

/** An operation comes back for the next batch; after so long without a call others may have the messages again. */
const KEPT_FOR_MS = 2_000
/** Of a queue that moves messages on after fewer receives than this, looks would soon be the reason. */
const LOOKS_LEFT = 100

/** Looks at queues, one after the other for each queue. */
export interface QueueLooks {
  /** How many are there, held ones included, as far as SQS knows. @throws Failure `not-found` */
  count(queue: string, signal: AbortSignal): Promise<number>
  /** Everything that waits there, given back before it is answered. */
  lookAtAll(queue: string, signal: AbortSignal): Promise<WholeLook<HeldMessage>>
  /** These, as far as they are there; they stay held for a moment, as whoever reads them is about to move them. */
  find(queue: string, sequences: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, HeldMessage>>
  /** Those of them that are certainly not there. */
  findGone(queue: string, sequences: readonly string[], signal: AbortSignal): Promise<readonly string[]>
  remove(queue: string, sequences: readonly string[], signal: AbortSignal): Promise<readonly SettleResult[]>
  close(): Promise<void>
}

export function createQueueLooks(client: SqsClient, directory: QueueDirectory): QueueLooks {
  const turns = createHoldTurns((queue) => createHeldQueue(client, directory, queue))

  const withThese = async <Result>(
    queue: string,
    sequences: readonly string[],
    signal: AbortSignal,
    act: (hold: HeldQueue, taken: TakenThese) => Promise<Result>,
  ): Promise<Result> => {
    refuseCountedLook(await directory.describe(queue, signal))
    return turns.take(queue, KEPT_FOR_MS, async (hold) => act(hold, await takeThese(hold, sequences, signal)))
  }

  return {
    async count(queue, signal) {
      const { visible, inFlight } = await directory.read(queue, signal)
      return visible + inFlight
    },
    async lookAtAll(queue, signal) {
      refuseCountedLook(await directory.describe(queue, signal))
      return turns.take(queue, 0, async (hold) => {
        const taking = await hold.take(() => false, false, signal)
        return { ...taking, messages: [...hold.held.values()].toSorted(bySending) }
      })
    },
    find: (queue, sequences, signal) =>
      withThese(queue, sequences, signal, async (_, { found, isCertain }) => {
        const missing = sequences.length - found.size
        if (missing > 0 && !isCertain) throw hidden(queue, missing)
        return found
      }),
    findGone: (queue, sequences, signal) =>
      withThese(queue, sequences, signal, async (_, { found, isCertain }) =>
        isCertain ? sequences.filter((sequence) => !found.has(sequence)) : [],
      ),
    remove: (queue, sequences, signal) =>
      withThese(queue, sequences, signal, async (hold, { found, isCertain }) => {
        const failures = await hold.remove([...found.keys()], signal)
        return sequences.map((sequence): SettleResult => {
          const failure = failures.get(sequence)
          if (failure !== undefined) return { outcome: 'failed', failure }
          if (found.has(sequence)) return { outcome: 'done' }
          return isCertain ? { outcome: 'already-gone' } : { outcome: 'failed', failure: hidden(queue, 1) }
        })
      }),
    close: () => turns.close(),
  }
}

/**
 * A look is a receive, and a queue with a redrive policy of its own counts receives.
 * @throws Failure `unsupported`
 */
function refuseCountedLook({ name, redrive }: QueueFacts): void {
  if (redrive === null || redrive.maxReceiveCount >= LOOKS_LEFT) return
  throw new Failure(
    'unsupported',
    `queue ${name} gives up what was received ${redrive.maxReceiveCount} times (to ${redrive.place}), and each look counts: it is not looked at`,
  )
}

const hidden = (queue: string, count: number): Failure =>
  new Failure(
    'conflict',
    `${count} messages of ${queue} are not to be had at the moment: somebody else holds them, they lie behind others of their message group, or behind the first ${MAX_HELD} of the queue`,
    { retryable: true },
  )

interface TakenThese {
  readonly found: ReadonlyMap<string, HeldMessage>
  /** Whether what is missing is certainly not there. */
  readonly isCertain: boolean
}

async function takeThese(hold: HeldQueue, sequences: readonly string[], signal: AbortSignal): Promise<TakenThese> {
  const awaited = new Set(sequences)
  const hasAll = (): boolean => {
    for (const sequence of awaited) if (hold.held.has(sequence)) awaited.delete(sequence)
    return awaited.size === 0
  }
  const { isWhole, hasOthers } = await hold.take(hasAll, true, signal)
  const found = new Map<string, HeldMessage>()
  for (const sequence of sequences) {
    const message = hold.held.get(sequence)
    if (message !== undefined) found.set(sequence, message)
  }
  return { found, isCertain: isWhole && !hasOthers }
}

/** A FIFO queue numbers its messages; of a standard queue there is the time, to the millisecond. */
function bySending({ message: one }: HeldMessage, { message: other }: HeldMessage): number {
  const [number, otherNumber] = [numberOf(one), numberOf(other)]
  if (number !== null && otherNumber !== null && number !== otherNumber) return number < otherNumber ? -1 : 1
  const sentMs = Number(one.Attributes?.SentTimestamp ?? 0) - Number(other.Attributes?.SentTimestamp ?? 0)
  return sentMs === 0 ? (one.MessageId ?? '').localeCompare(other.MessageId ?? '') : sentMs
}

function numberOf({ Attributes: attributes }: Message): bigint | null {
  const text = attributes?.SequenceNumber ?? ''
  return /^\d+$/.test(text) ? BigInt(text) : null
}
