import { ordersPerSecond } from '../demo-settings.ts'
import { runService } from '../run-service.ts'

/** A receipt for the payment and a notice for the parcel. */
const MAILS_PER_ORDER = 2
/** A slow mail server takes this share of what arrives, so that e-mail falls behind steadily and not at once. */
const SLOW_CAPACITY_SHARE = 0.6
const QUICK_MS = 1

/** One connection to the mail server, one mail at a time, however many messages are at hand. */
let connection: Promise<void> = Promise.resolve()

function sendMail(durationMs: number): Promise<void> {
  connection = connection.then(() => new Promise((resolve) => setTimeout(resolve, durationMs)))
  return connection
}

await runService('email', ({ broker, switches, count }) => {
  const slowMs = 1_000 / Math.max(1, ordersPerSecond() * MAILS_PER_ORDER * SLOW_CAPACITY_SHARE)
  for (const topic of ['payments', 'shipments']) {
    broker.subscribe<{ readonly orderId: string }>({
      topic,
      group: 'email',
      maxAttempts: 3,
      async handle() {
        await sendMail(switches().slow ? slowMs : QUICK_MS)
        count('mailed')
      },
      onDeadLetter: () => count('deadLettered'),
    })
  }
  return { port: null, close: () => Promise.resolve() }
})
