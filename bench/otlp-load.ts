import { randomBytes } from 'node:crypto'
import { ByteWriter } from '#otlp/byte-writer.ts'

export const SPANS_PER_TRACE = 8
export const TRACES_PER_BODY = 64
const DESTINATIONS = Array.from({ length: 40 }, (_, index) => `orders.${index}`)

function putVarint(out: ByteWriter, value: number): void {
  let rest = value
  while (rest > 127) {
    out.byte((rest & 0x7f) | 0x80)
    rest = Math.floor(rest / 128)
  }
  out.byte(rest)
}

function part(out: ByteWriter, field: number, content: Buffer): void {
  putVarint(out, field * 8 + 2)
  putVarint(out, content.length)
  out.raw(content, 0, content.length)
}

function message(fill: (out: ByteWriter) => void): Buffer {
  const out = new ByteWriter(512)
  fill(out)
  return out.written()
}

const attribute = (key: string, value: string | number): Buffer =>
  message((out) => {
    part(out, 1, Buffer.from(key))
    const any = message((inner) => {
      if (typeof value === 'string') part(inner, 1, Buffer.from(value))
      else {
        inner.byte(0x18)
        putVarint(inner, value)
      }
    })
    part(out, 2, any)
  })

function fixed64(out: ByteWriter, field: number, value: bigint): void {
  out.byte(field * 8 + 1)
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  out.raw(bytes, 0, 8)
}

interface SpanShape {
  readonly name: string
  readonly kind: number
  readonly parent: number | null
  readonly service: string
  readonly attributes: Readonly<Record<string, string | number>>
}

const padding = (index: number): Record<string, string | number> => ({
  'thread.id': 12 + index,
  'thread.name': `worker-${index}`,
  'code.function.name': 'com.example.shop.OrderHandler.handle',
  'server.address': 'broker-1.internal',
  'server.port': 9092,
  'deployment.ring': 'blue',
})

const messaging = (operation: string, destination: string, order: string): Record<string, string | number> => ({
  'messaging.system': 'kafka',
  'messaging.operation.type': operation,
  'messaging.destination.name': destination,
  'messaging.message.conversation_id': order,
  'messaging.kafka.message.key': `customer-${order.length}`,
  'messaging.destination.partition.id': '3',
})

const http = (order: number): Record<string, string | number> => ({
  'http.request.method': 'POST',
  'url.path': '/orders',
  'http.response.status_code': 201,
  'user_agent.original': 'shop/1.0',
  'client.address': '10.0.0.7',
  'app.cart_size': order % 9,
})

const database = (order: number): Record<string, string | number> => ({
  'db.system.name': 'postgresql',
  'db.namespace': 'shop',
  'db.operation.name': 'INSERT',
  'db.collection.name': 'orders',
  'db.query.text': 'INSERT INTO orders (id, customer, total) VALUES ($1, $2, $3)',
  'db.response.returned_rows': order % 3,
})

/** One order through a shop: a request, two hops over a queue, work and database calls around them. */
function shapesOf(order: number): readonly SpanShape[] {
  const id = `order-${order}`
  const queue = DESTINATIONS[order % DESTINATIONS.length] ?? 'orders'
  const paid = `paid.${order % 10}`
  const shape = (
    name: string,
    kind: number,
    parent: number | null,
    service: string,
    own: Record<string, string | number>,
  ) => ({
    name,
    kind,
    parent,
    service,
    attributes: { ...own, ...padding(order % 5) },
  })
  return [
    shape('POST /orders', 2, null, 'checkout', http(order)),
    shape('INSERT orders', 3, 0, 'checkout', database(order)),
    shape(`send ${queue}`, 4, 0, 'checkout', messaging('send', queue, id)),
    shape(`process ${queue}`, 5, 2, 'payments', messaging('process', queue, id)),
    shape('INSERT payments', 3, 3, 'payments', database(order)),
    shape(`send ${paid}`, 4, 3, 'payments', messaging('send', paid, id)),
    shape(`process ${paid}`, 5, 5, 'shipping', messaging('process', paid, id)),
    shape('INSERT shipments', 3, 6, 'shipping', database(order)),
  ]
}

/**
 * An export request of {@link TRACES_PER_BODY} orders with {@link SPANS_PER_TRACE} spans of 12 attributes each, as
 * protobuf. Every id in it is new; the orders are numbered from `firstOrder`.
 */
export function makeBody(firstOrder: number, nowMs: number): Buffer {
  const byService = new Map<string, Buffer[]>()
  for (let order = firstOrder; order < firstOrder + TRACES_PER_BODY; order += 1) {
    const traceId = randomBytes(16)
    const spanIds = randomBytes(8 * SPANS_PER_TRACE)
    const idOf = (index: number) => spanIds.subarray(index * 8, index * 8 + 8)
    for (const [index, shape] of shapesOf(order).entries()) {
      const startNs = BigInt(nowMs) * 1_000_000n + BigInt(index) * 2_000_123n
      const span = message((out) => {
        part(out, 1, traceId)
        part(out, 2, idOf(index))
        if (shape.parent !== null) part(out, 4, idOf(shape.parent))
        part(out, 5, Buffer.from(shape.name))
        out.byte(0x30)
        out.byte(shape.kind)
        fixed64(out, 7, startNs)
        fixed64(out, 8, startNs + 1_500_321n)
        for (const [key, value] of Object.entries(shape.attributes)) part(out, 9, attribute(key, value))
        if (order % 50 === 0 && index === 6) part(out, 15, Buffer.from([0x18, 2]))
      })
      const spans = byService.get(shape.service) ?? []
      spans.push(span)
      byService.set(shape.service, spans)
    }
  }
  const body = new ByteWriter(512 * 1024)
  for (const [service, spans] of byService) part(body, 1, resourceSpans(service, spans))
  return Buffer.from(body.written())
}

const resourceSpans = (service: string, spans: readonly Buffer[]): Buffer =>
  message((out) => {
    const resource = {
      'service.name': service,
      'service.version': '1.4.0',
      'host.name': 'node-7',
      'telemetry.sdk.language': 'java',
    }
    part(
      out,
      1,
      message((inner) => {
        for (const [key, value] of Object.entries(resource)) part(inner, 1, attribute(key, value))
      }),
    )
    part(
      out,
      2,
      message((inner) => {
        part(
          inner,
          1,
          message((scope) => part(scope, 1, Buffer.from('io.opentelemetry.kafka-clients-2.6'))),
        )
        for (const span of spans) part(inner, 2, span)
      }),
    )
  })
