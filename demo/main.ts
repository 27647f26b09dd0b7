import { openControlPage } from './control-page.ts'
import { startCustomers } from './customers.ts'
import { demoPort, isPgqueue, ordersPerSecond } from './demo-settings.ts'
import { prepareBroker, ServiceProcesses } from './service-processes.ts'

/** Starts the shop: the topics or queues, five services, their customers and the page with the switches. */
async function main(): Promise<void> {
  await prepareBroker()
  const services = new ServiceProcesses({ bug: true, slow: true })
  const stopOnSignal = onceStopped(() => services.stop())
  await services.waitUntilReady()
  const customers = startCustomers(ordersPerSecond(), () => services.checkoutPort())
  const page = await openControlPage(demoPort(), {
    broker: isPgqueue() ? 'Postgres queues' : 'Kafka',
    ordersPerSecond: ordersPerSecond(),
    services,
    customers,
  })
  stopOnSignal(async () => {
    customers.stop()
    await page.close()
  })
  console.log(`demo: the shop is open, ${ordersPerSecond()} orders/s; switches at ${page.url}`)
}

/** Stops the services on the first signal; what is started later is stopped before them. */
function onceStopped(stopServices: () => Promise<void>): (stopFirst: () => Promise<void>) => void {
  let stopFirst = (): Promise<void> => Promise.resolve()
  let isStopping = false
  const stop = (): void => {
    if (isStopping) return
    isStopping = true
    void stopFirst()
      .then(stopServices)
      .then(() => process.exit(0))
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  process.once('disconnect', stop)
  return (first) => {
    stopFirst = first
  }
}

main().catch((error: unknown) => {
  console.error('demo: the shop could not open:', error instanceof Error ? error.message : error)
  process.exit(1)
})
