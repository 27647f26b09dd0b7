import { abortable } from '#brokers/abortable.ts'
import type { OutgoingMessage, SendFacet, SendResult } from '#brokers/broker.ts'
import type { AmqpChannel, AmqpContent, AmqpReturn } from '#brokers/rabbitmq/amqp/amqp-channel.ts'
import { replyCodeOf } from '#brokers/rabbitmq/amqp/amqp-error.ts'
import { METHOD } from '#brokers/rabbitmq/amqp/wire.ts'
import { fingerprintOf } from '#brokers/rabbitmq/amqp-message.ts'
import { prepareContent } from '#brokers/rabbitmq/prepare-content.ts'
import type { RabbitmqReach } from '#brokers/rabbitmq/rabbitmq-reach.ts'
import { Failure, toFailure } from '#domain/failure.ts'

const CONFIRM_CONTRACT =
  'RabbitMQ has confirmed the message and has not returned it as unroutable: a quorum queue has it on the disks of a majority, a durable classic queue on disk where the message itself is persistent, a transient message in memory.'

interface Waiting {
  readonly content: AmqpContent
  returned: AmqpReturn | null
  readonly settle: (result: SendResult) => void
}

/** Publisher confirms on one channel: what was sent on it and has no answer yet, by the number that the server counts. */
interface Publisher {
  readonly channel: AmqpChannel
  readonly waiting: Map<bigint, Waiting>
  nextTag: bigint
  /** Exchanges that have taken something on this channel. */
  readonly taking: Set<string>
}

export function rabbitmqSend(reach: RabbitmqReach): SendFacet {
  let publisher: Promise<Publisher> | null = null

  const open = async (signal: AbortSignal): Promise<Publisher> => {
    const waiting = new Map<bigint, Waiting>()
    const taking = new Set<string>()
    const state = { waiting, taking, nextTag: 1n }
    const channel = await reach.sending.openChannel(
      {
        onReturn: (returned) => markReturned(waiting, returned),
        onConfirm: (tag, isMultiple, isTaken) => {
          for (const { content } of settleConfirmed(waiting, tag, isMultiple, isTaken)) taking.add(content.exchange)
        },
        onClose: (failure) => settleLost(waiting, failure, taking),
      },
      signal,
    )
    await abortable(channel.call(METHOD.confirmSelect, [Buffer.of(0)], METHOD.confirmSelectOk), signal)
    return Object.assign(state, { channel })
  }
  const get = async (signal: AbortSignal): Promise<Publisher> => {
    const known = await publisher?.catch(() => null)
    if (known !== null && known !== undefined && known.channel.failure === null) return known
    const opening = open(signal)
    publisher = opening
    return opening
  }

  return {
    confirmContract: CONFIRM_CONTRACT,
    async send(messages, signal) {
      const prepared = messages.map((message) => tryPrepare(message, reach))
      const { blockedBecause } = reach.sending
      if (blockedBecause !== null) {
        const failure = new Failure('broker-unavailable', `RabbitMQ takes no messages at the moment: ${blockedBecause}`)
        return messages.map(() => ({ outcome: 'refused', failure }))
      }
      let ready: Publisher
      try {
        ready = await get(signal)
      } catch (error) {
        // Nothing was sent.
        const failure = toFailure(error)
        return messages.map(() => ({ outcome: 'refused', failure }))
      }
      const answers = prepared.map((content) =>
        content instanceof Failure ? refused(content) : publish(ready, content),
      )
      return settleInTime(answers, signal)
    },
  }
}

function tryPrepare(message: OutgoingMessage, reach: RabbitmqReach): AmqpContent | Failure {
  try {
    return prepareContent(message, { keyHeader: reach.configuration.keyHeader, username: reach.username })
  } catch (error) {
    if (error instanceof RangeError) return new Failure('invalid', error.message, { cause: error })
    return toFailure(error)
  }
}

const refused = (failure: Failure): SendResult => ({ outcome: 'refused', failure })

function publish(publisher: Publisher, content: AmqpContent): Promise<SendResult> {
  const { channel, waiting } = publisher
  // Lost since it was asked for: this one was not sent.
  if (channel.failure !== null) return Promise.resolve(refused(channel.failure))
  return new Promise((resolve) => {
    waiting.set(publisher.nextTag, { content, returned: null, settle: resolve })
    publisher.nextTag += 1n
    channel.publish(content, true)
  })
}

/** A return names no number and comes before the confirm: it is of the first one that looks the same. */
function markReturned(waiting: ReadonlyMap<bigint, Waiting>, returned: AmqpReturn): void {
  for (const one of waiting.values()) {
    if (one.returned !== null || !isSame(one.content, returned)) continue
    one.returned = returned
    return
  }
}

const isSame = (one: AmqpContent, other: AmqpContent): boolean =>
  one.routingKey === other.routingKey &&
  one.exchange === other.exchange &&
  one.body.equals(other.body) &&
  one.properties.equals(other.properties)

function settleConfirmed(
  waiting: Map<bigint, Waiting>,
  tag: bigint,
  isMultiple: boolean,
  isTaken: boolean,
): readonly Waiting[] {
  const settled: Waiting[] = []
  for (const [number, one] of waiting) {
    if (number > tag) break
    if (number !== tag && !isMultiple) continue
    waiting.delete(number)
    one.settle(answerOf(one, isTaken))
    settled.push(one)
  }
  return settled
}

function answerOf({ content, returned }: Waiting, isTaken: boolean): SendResult {
  const { exchange, routingKey } = content
  if (returned !== null) {
    const why =
      exchange === '' ? `there is no queue ${routingKey}` : `exchange ${exchange} leads ${routingKey} to no queue`
    return refused(new Failure('not-found', why, { details: { replyCode: returned.replyCode } }))
  }
  if (!isTaken) {
    return refused(new Failure('limit', `the queue refused it (is ${routingKey} full?)`, { retryable: true }))
  }
  return { outcome: 'confirmed', position: { lane: '', sequence: fingerprintOf(content) } }
}

/**
 * The server closes a channel over the first message that it cannot take, and does not say which. It is certain for an
 * exchange that the refusal names and that has taken nothing, and for a message that was alone; anything else may have
 * been taken.
 */
function settleLost(waiting: Map<bigint, Waiting>, failure: Failure, taking: ReadonlySet<string>): void {
  const isRefusal = replyCodeOf(failure) !== null && !failure.retryable
  const isAlone = waiting.size === 1
  const unknown = new Failure('outcome-unknown', failure.message, { cause: failure })
  for (const { content, settle } of waiting.values()) {
    const name = content.exchange === '' ? 'amq.default' : content.exchange
    const isNamed = failure.message.includes(`exchange '${name}'`) && !taking.has(content.exchange)
    settle(isRefusal && (isAlone || isNamed) ? refused(failure) : { outcome: 'unknown', failure: unknown })
  }
  waiting.clear()
}

async function settleInTime(
  answers: readonly (SendResult | Promise<SendResult>)[],
  signal: AbortSignal,
): Promise<readonly SendResult[]> {
  const results: SendResult[] = []
  for (const answer of answers) {
    results.push(await (answer instanceof Promise ? abortable(answer, signal).catch(unknownBecause) : answer))
  }
  return results
}

const unknownBecause = (error: unknown): SendResult => ({
  outcome: 'unknown',
  failure: new Failure('outcome-unknown', `no confirm before the call was given up: ${toFailure(error).message}`, {
    cause: error,
  }),
})
