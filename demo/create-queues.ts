import { connectPgqueue } from './connect-pgqueue.ts'
import { queueName } from './pgqueue-shop-broker.ts'
import { GROUPS } from './shop-broker.ts'

/** Processed jobs are kept for half an hour: a day of them would be ten million rows. */
const KEEP_PROCESSED_SECONDS = 1_800
const KEEP_WAITING_SECONDS = 86_400
const KEEP_DEAD_SECONDS = 7 * 86_400

/** Makes what is missing: one queue for each group of a topic, with its dead-letter queue. */
export async function createQueues(): Promise<void> {
  const boss = connectPgqueue({ supervise: false, migrate: true })
  await boss.start()
  try {
    for (const { topic, group } of GROUPS) {
      const queue = queueName(topic, group)
      await boss.createQueue(`${queue}.DLT`, { retryLimit: 0, retentionSeconds: KEEP_DEAD_SECONDS })
      await boss.createQueue(queue, {
        retryLimit: 2,
        retryDelay: 0,
        deadLetter: `${queue}.DLT`,
        retentionSeconds: KEEP_WAITING_SECONDS,
        deleteAfterSeconds: KEEP_PROCESSED_SECONDS,
        notify: true,
      })
      await boss.subscribe(topic, queue)
    }
  } finally {
    await boss.stop({ graceful: false })
  }
}
