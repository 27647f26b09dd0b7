import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type Message,
} from '@aws-sdk/client-sqs'
import { refuseAborted } from '#brokers/abortable.ts'
import { cutInto, mapBounded } from '#brokers/sqs/map-bounded.ts'
import type { QueueDirectory } from '#brokers/sqs/queue-directory.ts'
import type { SqsClient } from '#brokers/sqs/sqs-client.ts'
import { failureOfName } from '#brokers/sqs/sqs-failure.ts'
import { Failure } from '#domain/failure.ts'

/** What is held at most, so that a look cannot fill the memory or the queue's limit of messages in flight (20,000). */
export const MAX_HELD = 10_000
const MAX_HELD_BYTES = 128 * 1024 * 1024
const BATCH = 10
const AT_ONCE = 8
/** Short, as what a crashed process held comes back only then. */
const VISIBILITY_S = 20
/** What will be visible again this soon is not counted on. */
const MARGIN_MS = 2_000
/** Extended when it has less than this left. */
const EXTEND_BELOW_MS = 13_500
/** Only a receive that waits asks all of SQS's servers. */
const WAIT_S = 1
const GIVE_BACK_WITHIN_MS = 10_000

/** A message that this process holds: nobody else gets it until it is given back. */
export interface HeldMessage {
  readonly sequence: string
  readonly message: Message
  readonly receiptHandle: string
  untilMs: number
}

export interface Taking {
  /** Whether the end of the queue was reached. Of a FIFO queue at most ten messages of a group are given out at a time. */
  readonly isWhole: boolean
  /** Others hold messages of this queue: what was not found may be with them. */
  readonly hasOthers: boolean
}

/** Messages of one queue, received and hidden from others: the only way in which SQS shows them. */
export interface HeldQueue {
  readonly held: ReadonlyMap<string, HeldMessage>
  /** Takes more until enough is held, the queue ends, or the bounds are reached. `isThorough` asks all of SQS's servers. */
  take(isEnough: () => boolean, isThorough: boolean, signal: AbortSignal): Promise<Taking>
  /** @returns what SQS refused to delete, and why */
  remove(sequences: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Failure>>
  /** Hides for longer what would soon be visible again. */
  extend(): Promise<void>
  /** Makes everything visible again. */
  giveBack(): Promise<void>
}

interface Hold {
  readonly client: SqsClient
  readonly directory: QueueDirectory
  readonly queue: string
  readonly held: Map<string, HeldMessage>
}

export function createHeldQueue(client: SqsClient, directory: QueueDirectory, queue: string): HeldQueue {
  const hold: Hold = { client, directory, queue, held: new Map() }
  return {
    held: hold.held,
    async take(isEnough, isThorough, signal) {
      await extendHeld(hold, signal)
      return takeUntil(hold, isEnough, isThorough, signal)
    },
    remove: (sequences, signal) => removeHeld(hold, sequences, signal),
    extend: () => quietly(() => extendHeld(hold, AbortSignal.timeout(GIVE_BACK_WITHIN_MS))),
    async giveBack() {
      const messages = [...hold.held.values()]
      hold.held.clear()
      await quietly(() => setVisibility(hold, messages, 0, AbortSignal.timeout(GIVE_BACK_WITHIN_MS)))
    },
  }
}

/** SQS itself makes visible what nobody extends, so nothing depends on it. */
async function quietly(act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch {
    // The queue is gone, or SQS does not answer.
  }
}

async function takeUntil(
  hold: Hold,
  isEnough: () => boolean,
  isThorough: boolean,
  signal: AbortSignal,
): Promise<Taking> {
  const { directory, queue, held } = hold
  if (isEnough()) return { isWhole: false, hasOthers: false }
  const before = await directory.read(queue, signal)
  const expected = held.size + before.visible
  while (!isEnough()) {
    refuseAborted(signal)
    if (held.size >= MAX_HELD || bytesOf(held) >= MAX_HELD_BYTES) return { isWhole: false, hasOthers: false }
    const ways = Math.max(1, Math.min(AT_ONCE, Math.ceil((expected - held.size) / BATCH)))
    if ((await receive(hold, ways, 0, signal)) > 0) continue
    if (!isThorough && held.size >= expected) break
    if ((await receive(hold, 1, WAIT_S, signal)) === 0) break
  }
  const after = await directory.read(queue, signal)
  return {
    isWhole: !(after.isFifo && after.visible > 0),
    hasOthers: after.inFlight > held.size,
  }
}

const bytesOf = (held: ReadonlyMap<string, HeldMessage>): number => {
  let bytes = 0
  for (const { message } of held.values()) bytes += message.Body?.length ?? 0
  return bytes
}

/** @returns how many came that were not held */
async function receive({ client, directory, queue, held }: Hold, ways: number, waitS: number, signal: AbortSignal) {
  const url = await directory.urlOf(queue, signal)
  const before = held.size
  const ask = new ReceiveMessageCommand({
    QueueUrl: url,
    MaxNumberOfMessages: BATCH,
    VisibilityTimeout: VISIBILITY_S,
    WaitTimeSeconds: waitS,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['All'],
  })
  const untilMs = performance.now() + VISIBILITY_S * 1_000
  const answers = await Promise.all(
    Array.from({ length: ways }, () => client.ask((sqs, options) => sqs.send(ask, options), signal)),
  )
  for (const message of answers.flatMap(({ Messages: messages }) => messages ?? [])) {
    const { MessageId: sequence, ReceiptHandle: receiptHandle } = message
    if (sequence !== undefined && receiptHandle !== undefined) {
      held.set(sequence, { sequence, message, receiptHandle, untilMs })
    }
  }
  return held.size - before
}

async function removeHeld(
  { client, directory, queue, held }: Hold,
  sequences: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Failure>> {
  const url = await directory.urlOf(queue, signal)
  const failures = new Map<string, Failure>()
  const doomed = [...new Set(sequences)].flatMap((sequence) => held.get(sequence) ?? [])
  await mapBounded(cutInto(doomed, BATCH), AT_ONCE, async (batch) => {
    const entries = batch.map(({ receiptHandle }, at) => ({ Id: String(at), ReceiptHandle: receiptHandle }))
    const remove = new DeleteMessageBatchCommand({ QueueUrl: url, Entries: entries })
    const { Successful: done = [], Failed: failed = [] } = await client.ask(
      (sqs, options) => sqs.send(remove, options),
      signal,
    )
    for (const { Id: id } of done) held.delete(batch[Number(id)]?.sequence ?? '')
    for (const { Id: id, Code: code = '', Message: message = code } of failed) {
      const failure = failureOfName(code, message) ?? new Failure('broker-unavailable', `SQS refused: ${message}`)
      const sequence = batch[Number(id)]?.sequence ?? ''
      failures.set(sequence, failure)
      held.delete(sequence)
    }
  })
  return failures
}

async function extendHeld(hold: Hold, signal: AbortSignal): Promise<void> {
  const nowMs = performance.now()
  const ending = [...hold.held.values()].filter(({ untilMs }) => untilMs - nowMs < EXTEND_BELOW_MS)
  const late = ending.filter(({ untilMs }) => untilMs - nowMs < MARGIN_MS)
  // Somebody else may have it already.
  for (const { sequence } of late) hold.held.delete(sequence)
  const extended = ending.filter(({ sequence }) => hold.held.has(sequence))
  const refused = await setVisibility(hold, extended, VISIBILITY_S, signal)
  for (const one of extended) {
    if (refused.has(one.sequence)) hold.held.delete(one.sequence)
    else one.untilMs = nowMs + VISIBILITY_S * 1_000
  }
}

/** @returns whose visibility could not be set */
async function setVisibility(
  { client, directory, queue }: Hold,
  messages: readonly HeldMessage[],
  seconds: number,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const refused = new Set<string>()
  if (messages.length === 0) return refused
  const url = await directory.urlOf(queue, signal)
  await mapBounded(cutInto(messages, BATCH), AT_ONCE, async (batch) => {
    const entries = batch.map(({ receiptHandle }, at) => ({
      Id: String(at),
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: seconds,
    }))
    const change = new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries: entries })
    const { Failed: failed = [] } = await client.ask((sqs, options) => sqs.send(change, options), signal)
    for (const { Id: id } of failed) refused.add(batch[Number(id)]?.sequence ?? '')
  })
  return refused
}
