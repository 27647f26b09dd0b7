import { abortable, refuseAborted } from '#brokers/abortable.ts'
import type { AmqpDelivery } from '#brokers/rabbitmq/amqp/amqp-channel.ts'
import { plainField } from '#brokers/rabbitmq/amqp/field-table.ts'
import {
  argumentTable,
  METHOD,
  shortString,
  uint16,
  uint32,
  uint64,
  type ArgumentValue,
} from '#brokers/rabbitmq/amqp/wire.ts'
import { readProperties } from '#brokers/rabbitmq/basic-properties.ts'
import type { RabbitmqConnection } from '#brokers/rabbitmq/rabbitmq-connection.ts'
import type { Failure } from '#domain/failure.ts'

const PREFETCH = 1_000
/** A stream does not say that it has ended: nothing for so long means the end. */
const QUIET_MS = 500

export interface StreamRecord {
  readonly offset: bigint
  readonly delivery: AmqpDelivery
}

/**
 * Reads a stream from an offset, a time or its first or last part, until it is quiet. Of a time only the part (a chunk)
 * that holds it is found, so the first records may be older.
 */
export async function* readStream(
  connection: RabbitmqConnection,
  stream: string,
  from: ArgumentValue,
  signal: AbortSignal,
): AsyncGenerator<StreamRecord> {
  const arrived: AmqpDelivery[] = []
  let ended: Failure | null = null
  let wake = (): void => undefined
  const channel = await connection.openChannel(
    {
      onDelivery: (delivery) => {
        arrived.push(delivery)
        wake()
      },
      onClose: (failure) => {
        ended = failure
        wake()
      },
    },
    signal,
  )
  try {
    await abortable(
      channel.call(METHOD.basicQos, [uint32(0), uint16(PREFETCH), Buffer.of(0)], METHOD.basicQosOk),
      signal,
    )
    const args = [
      uint16(0),
      shortString(stream),
      shortString(''),
      Buffer.of(0),
      argumentTable({ 'x-stream-offset': from }),
    ]
    await abortable(channel.call(METHOD.basicConsume, args, METHOD.basicConsumeOk), signal)
    for (;;) {
      refuseAborted(signal)
      for (const delivery of arrived.splice(0)) {
        yield { offset: offsetOf(delivery), delivery }
        channel.tell(METHOD.basicAck, [uint64(delivery.deliveryTag), Buffer.of(0)])
      }
      if (ended !== null) throw ended
      if (arrived.length > 0) continue
      const isQuiet = new Promise<boolean>((resolve) => {
        const quiet = setTimeout(() => resolve(true), QUIET_MS)
        wake = () => {
          clearTimeout(quiet)
          resolve(false)
        }
      })
      if (await abortable(isQuiet, signal)) return
    }
  } finally {
    await channel.close()
  }
}

function offsetOf({ properties }: AmqpDelivery): bigint {
  const wire = readProperties(properties).table?.find(({ name }) => name === 'x-stream-offset')?.wire
  const offset = wire === undefined ? null : plainField(wire)
  return typeof offset === 'number' || typeof offset === 'string' ? BigInt(offset) : 0n
}

/** The offset after the last record; 0 for an empty stream. */
export async function findStreamEnd(
  connection: RabbitmqConnection,
  stream: string,
  signal: AbortSignal,
): Promise<bigint> {
  let end = 0n
  for await (const { offset } of readStream(connection, stream, 'last', signal)) end = offset + 1n
  return end
}

/** The first offset that the server finds for a time; null when there is none. */
export async function findStreamOffset(
  connection: RabbitmqConnection,
  stream: string,
  atMs: number,
  signal: AbortSignal,
): Promise<bigint | null> {
  for await (const { offset } of readStream(connection, stream, new Date(atMs), signal)) return offset
  return null
}
