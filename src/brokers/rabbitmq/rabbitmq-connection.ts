import { abortable } from '#brokers/abortable.ts'
import type { AmqpChannel, ChannelListener } from '#brokers/rabbitmq/amqp/amqp-channel.ts'
import { connectAmqp, type AmqpAddress, type AmqpConnection } from '#brokers/rabbitmq/amqp/amqp-connection.ts'
import { METHOD, shortString, uint16, uint32 } from '#brokers/rabbitmq/amqp/wire.ts'
import type { RabbitmqConfiguration, RabbitmqSecret } from '#brokers/rabbitmq/rabbitmq-configuration.ts'
import { Failure } from '#domain/failure.ts'

/** A connection that is made on first use and made again after it was lost. */
export interface RabbitmqConnection {
  openChannel(listener: ChannelListener, signal: AbortSignal): Promise<AmqpChannel>
  /** Why the server takes no messages at the moment; null when it does, or when nothing is connected. */
  readonly blockedBecause: string | null
  close(): Promise<void>
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'amqp:': 5_672, 'amqps:': 5_671 }

/** @param purpose what a person reads in RabbitMQ's list of connections */
export function createRabbitmqConnection(
  configuration: RabbitmqConfiguration,
  secret: RabbitmqSecret,
  purpose: string,
): RabbitmqConnection {
  let current: Promise<AmqpConnection> | null = null
  let live: AmqpConnection | null = null
  let isClosed = false

  const connect = async (): Promise<AmqpConnection> => {
    let failure: unknown = null
    for (const address of configuration.addresses) {
      try {
        const connection = await connectAmqp(toAddress(address, configuration, secret, purpose))
        live = connection
        return connection
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }
  const get = (): Promise<AmqpConnection> => {
    if (isClosed) throw new Failure('broker-unavailable', 'the adapter is closed', { retryable: false })
    if (current === null || (live !== null && live.failure !== null)) {
      live = null
      const connecting = connect()
      current = connecting
      connecting.catch(() => {
        if (current === connecting) current = null
      })
    }
    return current
  }

  return {
    async openChannel(listener, signal) {
      const connection = await abortable(get(), signal)
      return abortable(connection.openChannel(listener), signal)
    },
    get blockedBecause() {
      return live !== null && live.failure === null ? live.blockedBecause : null
    },
    async close() {
      if (isClosed) return
      isClosed = true
      // One that never came up has nothing to close.
      await current?.then(
        (connection) => connection.close(),
        () => undefined,
      )
    },
  }
}

function toAddress(
  address: string,
  { vhost, tls }: RabbitmqConfiguration,
  secret: RabbitmqSecret,
  purpose: string,
): AmqpAddress {
  const { protocol, hostname, port } = new URL(address)
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (DEFAULT_PORTS[protocol] ?? 5_672) : Number(port),
    vhost,
    username: secret.username,
    password: secret.password,
    name: `Throughline ${purpose}`,
    tls:
      protocol === 'amqps:'
        ? {
            ca: tls?.certificateAuthority,
            servername: tls?.serverName,
            rejectUnauthorized: tls?.acceptAnyCertificate !== true,
            cert: secret.clientCertificate,
            key: secret.clientKey,
            passphrase: secret.clientKeyPassphrase,
          }
        : null,
  }
}

export interface QueueCounts {
  /** Messages that nobody holds. */
  readonly ready: number
  readonly consumers: number
}

/** @throws Failure `not-found`; then the server has closed the channel */
export async function countQueue(channel: AmqpChannel, queue: string): Promise<QueueCounts> {
  const isPassive = Buffer.of(1)
  const args = [uint16(0), shortString(queue), isPassive, uint32(0)]
  const reader = await channel.call(METHOD.queueDeclare, args, METHOD.queueDeclareOk)
  reader.shortString()
  return { ready: reader.uint32(), consumers: reader.uint32() }
}

/** Counts on a channel of its own. */
export async function lookUpQueue(
  connection: RabbitmqConnection,
  queue: string,
  signal: AbortSignal,
): Promise<QueueCounts> {
  const channel = await connection.openChannel({}, signal)
  try {
    return await abortable(countQueue(channel, queue), signal)
  } finally {
    await channel.close()
  }
}
