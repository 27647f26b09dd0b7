import { SpanStatusCode, trace } from '@opentelemetry/api'
import { settle } from './settle.ts'
import type { Order, Payment } from '../order.ts'
import { rabbitmqUrl } from '../demo-settings.ts'
import { openRabbitmqShopBroker } from '../rabbitmq-shop-broker.ts'
import { runService } from '../run-service.ts'

const tracer = trace.getTracer('shop.payments')

const url = rabbitmqUrl()
const settlements = url === null ? null : await openRabbitmqShopBroker('payments', url)

await runService('payments', ({ broker, switches, count }) => {
  broker.subscribe<Order>({
    topic: 'orders',
    group: 'payments',
    maxAttempts: 3,
    async handle({ key, correlationId, body: order }) {
      const paidCents = tracer.startActiveSpan('settle', (span) => {
        try {
          return settle(order, switches().bug)
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) })
          throw error
        } finally {
          span.end()
        }
      })
      const payment: Payment = { orderId: order.orderId, customerId: order.customerId, paidCents }
      await broker.publish('payments', { key, correlationId, body: payment })
      await settlements?.publish('settlements', { key, correlationId, body: payment })
      count('paid')
    },
    onDeadLetter: () => count('deadLettered'),
  })
  return { port: null, close: async () => settlements?.close() }
})
