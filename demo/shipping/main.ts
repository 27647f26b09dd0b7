import { trace } from '@opentelemetry/api'
import type { Payment, Reservation, Shipment } from '../order.ts'
import { runService } from '../run-service.ts'

await runService('shipping', ({ broker, count }) => {
  const onDeadLetter = (): void => count('deadLettered')
  broker.subscribe<Reservation>({
    topic: 'stock',
    group: 'shipping',
    maxAttempts: 3,
    handle({ body: reservation }) {
      trace.getActiveSpan()?.setAttribute('shop.shelf', reservation.shelf)
      return Promise.resolve()
    },
    onDeadLetter,
  })
  // What is paid for is sent; nothing waits for the reservation, which only tells the packer where to look.
  broker.subscribe<Payment>({
    topic: 'payments',
    group: 'shipping',
    maxAttempts: 3,
    async handle({ key, correlationId, body: payment }) {
      const shipment: Shipment = {
        orderId: payment.orderId,
        customerId: payment.customerId,
        parcel: `parcel-${payment.orderId.slice('order-'.length)}`,
      }
      await broker.publish('shipments', { key, correlationId, body: shipment })
      count('shipped')
    },
    onDeadLetter,
  })
  return { port: null, close: () => Promise.resolve() }
})
