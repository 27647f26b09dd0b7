import { abortable, refuseAborted } from '#brokers/abortable.ts'
import type { AmqpChannel, AmqpDelivery } from '#brokers/rabbitmq/amqp/amqp-channel.ts'
import { argumentTable, METHOD, shortString, uint16, uint32, uint64 } from '#brokers/rabbitmq/amqp/wire.ts'
import { fingerprintOf } from '#brokers/rabbitmq/amqp-message.ts'
import { countQueue, lookUpQueue, type RabbitmqConnection } from '#brokers/rabbitmq/rabbitmq-connection.ts'
import { connectionLost } from '#brokers/rabbitmq/amqp/amqp-error.ts'
import { Failure } from '#domain/failure.ts'

/** What is held at most, so that a look cannot fill the memory. */
export const MAX_HELD = 50_000
const MAX_HELD_BYTES = 128 * 1024 * 1024
/** How many more are asked for at a time: few at first, as nobody knows how large they are. */
const FIRST_STEP = 500
const LARGEST_STEP = 10_000
/** Without a message for so long, the queue is asked whether there are more. */
const QUIET_MS = 250
const GIVEN_BACK_WITHIN_MS = 2_000
const GIVEN_BACK_POLL_MS = 20

/** A message that this process holds: nobody else gets it until it is given back. */
export interface HeldMessage {
  readonly sequence: string
  readonly delivery: AmqpDelivery
}

export interface Taking {
  /** Whether the end of the queue was reached, as it was when the taking began. */
  readonly isWhole: boolean
  /** Others take from this queue: what was not found may be with them. */
  readonly hasOthers: boolean
}

/**
 * Messages of one queue, held unacknowledged: the only way in which AMQP shows them. Giving them back puts them where they
 * were, marked as redelivered.
 */
export interface HeldQueue {
  /** In the order of the queue. */
  readonly held: ReadonlyMap<string, HeldMessage>
  /** Takes more until enough is held, the queue ends, or the bounds are reached. */
  take(isEnough: () => boolean, signal: AbortSignal): Promise<Taking>
  /** Acknowledges: RabbitMQ forgets them. Resolves when the server has read it. */
  remove(sequences: readonly string[], signal: AbortSignal): Promise<void>
  /** Gives everything back, and waits until the queue has it. */
  giveBack(): Promise<void>
}

interface OpenHold {
  readonly queue: string
  readonly channel: AmqpChannel
  readonly held: Map<string, HeldMessage>
  /** How many of the same fingerprint were taken. */
  readonly twins: Map<string, number>
  /** Consumers that were begun, each with its own number of messages. */
  consumers: number
  room: number
  bytes: number
  isCancelled: boolean
  /** Whether consumers of others were seen beside ours. */
  hasOthers: boolean
  /** Called when something has come or has ended. */
  wake: () => void
}

/** Yields to whoever else consumes there. */
const LOOKER = argumentTable({ 'x-priority': -10 })

export function createHeldQueue(connection: RabbitmqConnection, queue: string): HeldQueue {
  let hold: OpenHold | null = null
  const nothing: ReadonlyMap<string, HeldMessage> = new Map()
  return {
    get held() {
      return hold?.held ?? nothing
    },
    async take(isEnough, signal) {
      if (hold === null || hold.channel.failure !== null) hold = await openHold(connection, queue, signal)
      return takeUntil(hold, isEnough, signal)
    },
    async remove(sequences, signal) {
      if (hold === null) throw connectionLost('what was held is given back')
      const { channel, held } = hold
      for (const sequence of sequences) {
        const found = held.get(sequence)
        if (found === undefined) continue
        channel.tell(METHOD.basicAck, [uint64(found.delivery.deliveryTag), Buffer.of(0)])
        held.delete(sequence)
        hold.bytes -= found.delivery.body.length
      }
      // The server works through a channel in order: its answer says that it has read what came before.
      await abortable(countQueue(channel, queue), signal)
    },
    async giveBack() {
      const opened = hold
      hold = null
      if (opened !== null) await giveBackHeld(connection, opened)
    },
  }
}

async function openHold(connection: RabbitmqConnection, queue: string, signal: AbortSignal): Promise<OpenHold> {
  const hold = {
    queue,
    held: new Map<string, HeldMessage>(),
    twins: new Map<string, number>(),
    consumers: 0,
    room: 0,
    bytes: 0,
    isCancelled: false,
    hasOthers: false,
    wake: (): void => undefined,
  }
  const channel = await connection.openChannel(
    {
      onDelivery: (delivery) => {
        keep(hold, delivery)
        hold.wake()
      },
      onCancel: () => {
        hold.isCancelled = true
        hold.wake()
      },
      onClose: () => {
        // The server has given them back.
        hold.held.clear()
        hold.wake()
      },
    },
    signal,
  )
  return Object.assign(hold, { channel })
}

async function takeUntil(hold: OpenHold, isEnough: () => boolean, signal: AbortSignal): Promise<Taking> {
  const { channel, held, queue } = hold
  const before = await abortable(countQueue(channel, queue), signal)
  const end = held.size + before.ready
  const hasOthers = before.consumers > hold.consumers
  hold.hasOthers ||= hasOthers
  let quietTurns = 0
  while (!isEnough()) {
    refuseAborted(signal)
    if (channel.failure !== null) throw channel.failure
    if (hold.isCancelled) throw new Failure('not-found', `queue ${queue} was deleted while it was read`)
    if (held.size >= end) return { isWhole: true, hasOthers }
    if (held.size >= MAX_HELD || hold.bytes >= MAX_HELD_BYTES) return { isWhole: false, hasOthers }
    if (held.size >= hold.room) {
      await addConsumer(hold, signal)
      continue
    }
    const hasArrived = await abortable(nextArrival(hold), signal)
    quietTurns = hasArrived ? 0 : quietTurns + 1
    // Once more after the queue says that it is empty: what it has just given away may still be on its way.
    if (quietTurns < 2 || (await abortable(countQueue(channel, queue), signal)).ready > 0) continue
    return { isWhole: true, hasOthers: hasOthers || held.size < end }
  }
  return { isWhole: held.size >= end, hasOthers }
}

/** Whether something came before it was quiet. */
function nextArrival(hold: OpenHold): Promise<boolean> {
  return new Promise((resolve) => {
    const quiet = setTimeout(() => resolve(false), QUIET_MS)
    hold.wake = () => {
      clearTimeout(quiet)
      resolve(true)
    }
  })
}

/** Two messages that are the same in everything are told apart by their order. */
function keep(hold: Omit<OpenHold, 'channel'>, delivery: AmqpDelivery): void {
  const fingerprint = fingerprintOf(delivery)
  const twin = hold.twins.get(fingerprint) ?? 0
  hold.twins.set(fingerprint, twin + 1)
  const sequence = twin === 0 ? fingerprint : `${fingerprint}.${twin}`
  hold.held.set(sequence, { sequence, delivery })
  hold.bytes += delivery.body.length
}

async function addConsumer(hold: OpenHold, signal: AbortSignal): Promise<void> {
  const averageBytes = hold.held.size === 0 ? 0 : hold.bytes / hold.held.size
  const fitting = averageBytes === 0 ? LARGEST_STEP : Math.floor((MAX_HELD_BYTES - hold.bytes) / averageBytes)
  const wanted = hold.consumers === 0 ? FIRST_STEP : Math.min(hold.room * 3, LARGEST_STEP)
  const step = Math.max(1, Math.min(wanted, fitting, MAX_HELD - hold.room))
  const { channel } = hold
  const isGlobal = Buffer.of(0)
  await abortable(channel.call(METHOD.basicQos, [uint32(0), uint16(step), isGlobal], METHOD.basicQosOk), signal)
  const flags = Buffer.of(0)
  const args = [uint16(0), shortString(hold.queue), shortString(''), flags, LOOKER]
  hold.consumers += 1
  hold.room += step
  await abortable(channel.call(METHOD.basicConsume, args, METHOD.basicConsumeOk), signal)
}

/** A channel that closes gives back what it holds. Where others consume, they may have it before anybody could see it there. */
async function giveBackHeld(connection: RabbitmqConnection, hold: OpenHold): Promise<void> {
  if (hold.channel.failure !== null) return
  await hold.channel.close()
  if (hold.hasOthers) return
  const signal = AbortSignal.timeout(GIVEN_BACK_WITHIN_MS)
  try {
    while (!signal.aborted) {
      const { ready, consumers } = await lookUpQueue(connection, hold.queue, signal)
      if (ready >= hold.held.size && consumers === 0) return
      await new Promise((resolve) => setTimeout(resolve, GIVEN_BACK_POLL_MS))
    }
  } catch {
    // The queue is gone or does not answer: then there is nothing to wait for.
  }
}
