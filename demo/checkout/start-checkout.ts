import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Order, OrderRequest } from '../order.ts'
import type { ServiceContext, StartedService } from '../run-service.ts'

const tracer = trace.getTracer('shop.checkout')
const MAX_BODY_BYTES = 64 * 1024

/** The shop's front door: `POST /orders` on a port of its own answers 201 once the order is on the broker. */
export async function startCheckout(context: ServiceContext): Promise<StartedService> {
  const server = createServer((request, response) => {
    if (request.method !== 'POST' || request.url !== '/orders') {
      response.writeHead(404).end()
      return
    }
    void takeOrder(context, request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
      }),
  }
}

/** Every order begins with this span, the root of its trace. */
async function takeOrder(context: ServiceContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const attributes = { 'http.request.method': 'POST', 'url.path': '/orders', 'http.route': '/orders' }
  await tracer.startActiveSpan('POST /orders', { kind: SpanKind.SERVER, attributes, root: true }, async (span) => {
    try {
      const order = toOrder(JSON.parse(await readBody(request)) as OrderRequest)
      span.setAttribute('messaging.message.conversation_id', order.orderId)
      await context.broker.publish('orders', { key: order.customerId, correlationId: order.orderId, body: order })
      context.count('made')
      respond(response, 201, { orderId: order.orderId })
      span.setAttribute('http.response.status_code', 201)
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown))
      span.recordException(error)
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
      span.setAttribute('http.response.status_code', 503)
      respond(response, 503, { error: error.message })
    } finally {
      span.end()
    }
  })
}

function toOrder(request: OrderRequest): Order {
  return { orderId: `order-${randomUUID().slice(0, 8)}`, ...request, placedAt: new Date().toISOString() }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw new Error(`an order of more than ${MAX_BODY_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function respond(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
