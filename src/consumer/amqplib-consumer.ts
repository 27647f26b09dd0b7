import type { Pausable } from '#consumer/pausable.ts'

/** The part of amqplib's promise `Channel` that is used. */
export interface AmqplibChannelLike<Message, Options> {
  consume(
    queue: string,
    onMessage: (message: Message | null) => unknown,
    options?: Options,
  ): PromiseLike<{ consumerTag: string }>
  cancel(consumerTag: string): PromiseLike<unknown>
}

/**
 * Instead of `channel.consume`: RabbitMQ knows no pause, so the consumer is cancelled and begun anew. What had been sent
 * ahead to this channel is still handled.
 */
export async function amqplibConsumer<Message, Options>(
  channel: AmqplibChannelLike<Message, Options>,
  queue: string,
  onMessage: (message: Message | null) => unknown,
  options?: Options,
): Promise<Pausable> {
  let inFlight = 0
  const counted = async (message: Message | null): Promise<void> => {
    inFlight += 1
    try {
      await onMessage(message)
    } finally {
      inFlight -= 1
    }
  }
  let tag: string | null = (await channel.consume(queue, counted, options)).consumerTag
  return {
    async pause() {
      if (tag === null) return
      await channel.cancel(tag)
      tag = null
    },
    async resume() {
      tag ??= (await channel.consume(queue, counted, options)).consumerTag
    },
    inFlight: () => inFlight,
  }
}
