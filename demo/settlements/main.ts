import { SpanStatusCode, trace } from '@opentelemetry/api'
import { rabbitmqUrl } from '../demo-settings.ts'
import type { Payment } from '../order.ts'
import { openRabbitmqShopBroker } from '../rabbitmq-shop-broker.ts'
import { runService } from '../run-service.ts'
import { bookPayment } from './book-payment.ts'

const tracer = trace.getTracer('shop.settlements')

await runService(
  'settlements',
  ({ broker, switches, count }) => {
    broker.subscribe<Payment>({
      topic: 'settlements',
      group: 'ledger',
      maxAttempts: 2,
      handle({ body: payment }) {
        return tracer.startActiveSpan('book', async (span) => {
          try {
            bookPayment(payment, switches().bug)
          } catch (error) {
            span.recordException(error instanceof Error ? error : String(error))
            span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) })
            throw error
          } finally {
            span.end()
          }
        })
      },
      onDeadLetter: () => count('deadLettered'),
    })
    return { port: null, close: () => Promise.resolve() }
  },
  (name) => openRabbitmqShopBroker(name, rabbitmqUrl() ?? ''),
)
