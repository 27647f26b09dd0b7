import { createHash } from 'node:crypto'
import type { AmqpContent } from '#brokers/rabbitmq/amqp/amqp-channel.ts'
import { plainField, stringBytes } from '#brokers/rabbitmq/amqp/field-table.ts'
import { readProperties, writeProperties, type BasicProperties } from '#brokers/rabbitmq/basic-properties.ts'
import { DELIVERY_COUNT, toHeaders } from '#brokers/rabbitmq/message-headers.ts'
import type { BrokerFailure, BrokerMessage } from '#domain/message.ts'

const FINGERPRINT_LENGTH = 32

/**
 * What a message of a queue is known by, as AMQP gives it no number: its bytes, its properties and where it was
 * published. What a queue counts while it delivers is left out.
 */
export function fingerprintOf({ exchange, routingKey, body, properties }: AmqpContent): string {
  const { values, table } = readProperties(properties)
  const lasting = table?.filter(({ name }) => name !== DELIVERY_COUNT) ?? []
  const hash = createHash('sha256').update(JSON.stringify([exchange, routingKey]))
  hash.update(writeProperties({ values, table: lasting.length === 0 ? null : lasting })).update(body)
  return hash.digest('hex').slice(0, FINGERPRINT_LENGTH)
}

/** @param keyHeader the header that says which messages stay in their order; it is the key and no header then */
export function toBrokerMessage(
  queue: string,
  sequence: string,
  { properties, body }: AmqpContent,
  keyHeader: string,
): BrokerMessage {
  const read = readProperties(properties)
  const keyAt = read.table?.findIndex(({ name, wire }) => name === keyHeader && stringBytes(wire) !== null) ?? -1
  const death = readDeath(read)
  const seconds = Number(read.values.get('timestamp') ?? Number.NaN)
  const hasTime = Number.isSafeInteger(seconds * 1_000)
  const keyWire = keyAt < 0 ? undefined : read.table?.[keyAt]?.wire
  const table = read.table?.filter((_, at) => at !== keyAt) ?? null
  return {
    destination: queue,
    position: { lane: '', sequence },
    key: keyWire === undefined ? null : stringBytes(keyWire),
    headers: toHeaders({ ...read, table }, death?.routingKey ?? null),
    payload: body,
    timestampMs: hasTime ? seconds * 1_000 : null,
    timestampKind: hasTime ? 'created' : 'unknown',
    attempts: null,
    brokerFailure: death === null ? null : death.failure,
  }
}

interface Death {
  readonly routingKey: string | null
  readonly failure: BrokerFailure
}

/** The newest entry of x-death, which RabbitMQ keeps first. */
function readDeath({ table }: BasicProperties): Death | null {
  const wire = table?.find(({ name }) => name === 'x-death')?.wire
  const deaths = wire === undefined ? null : plainField(wire)
  const newest: unknown = Array.isArray(deaths) ? deaths[0] : null
  if (typeof newest !== 'object' || newest === null) return null
  const fields = newest as Readonly<Record<string, unknown>>
  const text = (name: string): string | null => {
    const value = fields[name]
    return typeof value === 'string' ? value : null
  }
  const keys = fields['routing-keys']
  const diedAtMs = Date.parse(text('time') ?? '')
  return {
    routingKey: Array.isArray(keys) && typeof keys[0] === 'string' ? keys[0] : null,
    failure: {
      errorClass: null,
      errorMessage: text('reason'),
      stack: null,
      originDestination: text('queue'),
      originPosition: null,
      diedAtMs: Number.isNaN(diedAtMs) ? null : diedAtMs,
    },
  }
}
