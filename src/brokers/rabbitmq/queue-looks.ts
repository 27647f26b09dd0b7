import type { SettleResult } from '#brokers/broker.ts'
import { createHeldQueue, MAX_HELD, type HeldMessage, type HeldQueue } from '#brokers/rabbitmq/held-queue.ts'
import { createHoldTurns } from '#brokers/held/hold-turns.ts'
import type { WholeLook } from '#brokers/held/place-memory.ts'
import { refuseCountedLook } from '#brokers/rabbitmq/refuse-counted-look.ts'
import type { QueueBook } from '#brokers/rabbitmq/queue-book.ts'
import { lookUpQueue, type RabbitmqConnection } from '#brokers/rabbitmq/rabbitmq-connection.ts'
import { Failure } from '#domain/failure.ts'

/** An operation comes back for the next batch; after so long without a call others may have the messages again. */
const KEPT_FOR_MS = 2_000

/** Looks at queues, one after the other for each queue; the sequences are those of {@link HeldQueue}. */
export interface QueueLooks {
  /** How many wait there, those that are held here included. @throws Failure `not-found` */
  count(queue: string, signal: AbortSignal): Promise<number>
  /** Everything that waits there, given back before it is answered. */
  lookAtAll(queue: string, signal: AbortSignal): Promise<WholeLook<HeldMessage>>
  /** These, by what they were asked as; they stay held for a moment, as whoever reads them is about to move them. */
  find(queue: string, sequences: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, HeldMessage>>
  remove(queue: string, sequences: readonly string[], signal: AbortSignal): Promise<readonly SettleResult[]>
  close(): Promise<void>
}

export function createQueueLooks(connection: RabbitmqConnection, book: QueueBook): QueueLooks {
  const turns = createHoldTurns((queue) => createHeldQueue(connection, queue))

  /** Holds what it has found for a moment, as whoever reads them is about to move them. */
  const withThese = async <Result>(
    queue: string,
    sequences: readonly string[],
    signal: AbortSignal,
    act: (hold: HeldQueue, taken: TakenThese) => Promise<Result>,
  ): Promise<Result> => {
    refuseCountedLook(await book.describe(queue, signal))
    return turns.take(queue, KEPT_FOR_MS, async (hold) => act(hold, await takeThese(hold, sequences, signal)))
  }

  return {
    count: (queue, signal) =>
      turns.take(queue, 0, async (hold) => (await lookUpQueue(connection, queue, signal)).ready + hold.held.size),
    async lookAtAll(queue, signal) {
      refuseCountedLook(await book.describe(queue, signal))
      return turns.take(queue, 0, async (hold) => {
        const taking = await hold.take(() => false, signal)
        return { ...taking, messages: [...hold.held.values()] }
      })
    },
    find: (queue, sequences, signal) =>
      withThese(queue, sequences, signal, async (_, { found, missing, isCertain }) => {
        if (missing.length > 0 && !isCertain) throw hidden(queue, missing.length)
        return found
      }),
    remove: (queue, sequences, signal) =>
      withThese(queue, sequences, signal, async (hold, { found, isCertain }) => {
        const held = [...found.values()].map(({ sequence }) => sequence)
        await hold.remove(held, signal)
        return sequences.map((sequence): SettleResult => {
          if (found.has(sequence)) return { outcome: 'done' }
          return isCertain ? { outcome: 'already-gone' } : { outcome: 'failed', failure: hidden(queue, 1) }
        })
      }),
    close: () => turns.close(),
  }
}

const hidden = (queue: string, count: number): Failure =>
  new Failure(
    'conflict',
    `${count} messages of ${queue} are not to be had at the moment: another consumer holds them, or they lie behind the first ${MAX_HELD} of the queue`,
    { retryable: true },
  )

interface TakenThese {
  readonly found: ReadonlyMap<string, HeldMessage>
  readonly missing: readonly string[]
  /** Whether what is missing is certainly not there. */
  readonly isCertain: boolean
}

async function takeThese(hold: HeldQueue, sequences: readonly string[], signal: AbortSignal): Promise<TakenThese> {
  const awaited = new Set(sequences)
  const hasAll = (): boolean => {
    for (const sequence of awaited) {
      if (!hold.held.has(sequence)) return false
      awaited.delete(sequence)
    }
    return true
  }
  const { isWhole, hasOthers } = hasAll() ? { isWhole: false, hasOthers: false } : await hold.take(hasAll, signal)
  const found = new Map<string, HeldMessage>()
  for (const sequence of sequences) {
    const message = hold.held.get(sequence)
    if (message !== undefined) found.set(sequence, message)
  }
  const missing = sequences.filter((sequence) => !found.has(sequence) && !findTwin(hold, found, sequence))
  return { found, missing, isCertain: isWhole && !hasOthers }
}

/**
 * Of messages that are the same in everything, the numbers shift when one has gone: another one of them stands in for a
 * later number. What has no number stands for itself alone, so that asking twice for its removal removes it once.
 */
function findTwin(hold: HeldQueue, found: Map<string, HeldMessage>, sequence: string): boolean {
  const [fingerprint = '', number] = sequence.split('.')
  if (number === undefined) return false
  const taken = new Set([...found.values()].map((message) => message.sequence))
  for (let twin = 0; twin < Number(number); twin += 1) {
    const candidate = hold.held.get(twin === 0 ? fingerprint : `${fingerprint}.${twin}`)
    if (candidate === undefined || taken.has(candidate.sequence)) continue
    found.set(sequence, candidate)
    return true
  }
  return false
}
