import type { Order, Reservation } from '../order.ts'
import { runService } from '../run-service.ts'

/** Orders whose stock is reserved: an order that comes again, as after a redrive, is not reserved twice. */
const reserved = new Set<string>()
const REMEMBERED_ORDERS = 100_000

await runService('inventory', ({ broker, count }) => {
  broker.subscribe<Order>({
    topic: 'orders',
    group: 'inventory',
    maxAttempts: 3,
    async handle({ key, correlationId, body: order }) {
      if (reserved.has(order.orderId)) return
      const shelf = `${order.lines[0]?.sku ?? 'none'}-${order.lines.length}`
      const reservation: Reservation = { orderId: order.orderId, customerId: order.customerId, shelf }
      await broker.publish('stock', { key, correlationId, body: reservation })
      remember(order.orderId)
      count('reserved')
    },
    onDeadLetter: () => count('deadLettered'),
  })
  return { port: null, close: () => Promise.resolve() }
})

function remember(orderId: string): void {
  reserved.add(orderId)
  if (reserved.size <= REMEMBERED_ORDERS) return
  const [oldest] = reserved
  if (oldest !== undefined) reserved.delete(oldest)
}
