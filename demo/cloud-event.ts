import { randomUUID } from 'node:crypto'
import { context, propagation } from '@opentelemetry/api'
import type { ShopMessage } from './shop-broker.ts'

/**
 * A job of pg-boss is JSON without headers, so what Kafka carries in headers travels in a CloudEvents 1.0 envelope: the
 * trace context and the correlation id as extension attributes.
 */
export interface CloudEvent {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: string
  readonly type: string
  readonly time: string
  readonly datacontenttype: 'application/json'
  readonly partitionkey: string
  readonly correlationid: string
  readonly traceparent?: string
  readonly tracestate?: string
  readonly data: unknown
}

/** Wraps a message for a topic, with the active trace context in it. */
export function toCloudEvent(service: string, topic: string, message: ShopMessage<unknown>): CloudEvent {
  const carrier: { traceparent?: string; tracestate?: string } = {}
  propagation.inject(context.active(), carrier)
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: `/shop/${service}`,
    type: `shop.${topic}`,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    partitionkey: message.key,
    correlationid: message.correlationId,
    ...carrier,
    data: message.body,
  }
}

export function fromCloudEvent(event: CloudEvent): ShopMessage<unknown> {
  return { key: event.partitionkey, correlationId: event.correlationid, body: event.data }
}
