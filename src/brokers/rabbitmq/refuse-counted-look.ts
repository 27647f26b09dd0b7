import { settingOf, type QueueFacts } from '#brokers/rabbitmq/management-api.ts'
import { Failure } from '#domain/failure.ts'

/**
 * A quorum queue with a delivery limit counts every look as a delivery that failed, and drops or moves the message when
 * the limit is reached: it is not looked at.
 * @throws Failure `unsupported`
 */
export function refuseCountedLook(queue: QueueFacts): void {
  if (queue.exclusive) {
    throw new Failure('unsupported', `queue ${queue.name} is exclusive: only the connection that declared it may look`)
  }
  const limit = settingOf(queue, 'delivery-limit')
  if (queue.type !== 'quorum' || limit === null || Number(limit) < 0) return
  throw new Failure(
    'unsupported',
    `queue ${queue.name} has a delivery limit of ${limit}, and each look counts towards it: bind a stream to the dead-letter exchange and look there, or lift the limit of this queue`,
  )
}
