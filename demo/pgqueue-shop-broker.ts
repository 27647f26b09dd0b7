import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { JobResult, JobWithMetadata, PgBoss } from 'pg-boss'
import { fromCloudEvent, toCloudEvent, type CloudEvent } from './cloud-event.ts'
import { listenForPause, type Pausable, type PauseListener } from 'throughline/consumer'
import { connectPgqueue } from './connect-pgqueue.ts'
import { hasConsole } from './demo-settings.ts'
import type { ShopBroker, Subscription } from './shop-broker.ts'

const SYSTEM = 'pg-boss'
const BATCH_SIZE = 20

/** The queue of one group's copies of a topic. */
export function queueName(topic: string, group: string): string {
  return `${topic}.${group}`
}

/**
 * The shop on Postgres queues. pg-boss itself tries a message again and moves it to the dead-letter queue, and no
 * instrumentation of it exists, so the messaging spans are made here by hand, to the same conventions.
 */
export async function openPgqueueShopBroker(service: string): Promise<ShopBroker> {
  // One process of the shop keeps the tables (retention, expiry); five would do the same work five times.
  const boss = connectPgqueue({ supervise: service === 'checkout', migrate: false })
  boss.on('error', (error) => console.error(`${service}: pg-boss:`, error.message))
  await boss.start()
  const tracer = trace.getTracer('shop.pg-boss')
  const subscriptions: Subscription<unknown>[] = []
  const pauses: PauseListener[] = []

  return {
    async publish(topic, message) {
      const attributes = messagingAttributes(topic, 'send', message.correlationId)
      await tracer.startActiveSpan(`send ${topic}`, { kind: SpanKind.PRODUCER, attributes }, async (span) => {
        try {
          const event = toCloudEvent(service, topic, message)
          span.setAttribute('messaging.message.id', event.id)
          await boss.publish(topic, event)
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) })
          throw error
        } finally {
          span.end()
        }
      })
    },
    subscribe(subscription) {
      subscriptions.push(subscription as Subscription<unknown>)
    },
    async start() {
      await Promise.all(subscriptions.map((subscription) => startWorker(boss, subscription)))
      if (!hasConsole()) return
      for (const subscription of subscriptions) {
        const group = queueName(subscription.topic, subscription.group)
        pauses.push(listenForPause(pausableWorker(boss, group, subscription), { group, name: subscription.group }))
      }
    },
    async close() {
      await Promise.all(pauses.map((one) => one.stop()))
      await boss.stop({ graceful: true, timeout: 5_000 })
    },
  }
}

/** A worker that is taken off and put on again; jobs that it has fetched are finished. */
function pausableWorker(boss: PgBoss, queue: string, subscription: Subscription<unknown>): Pausable {
  let isWorking = true
  return {
    async pause() {
      if (isWorking) await boss.offWork(queue)
      isWorking = false
    },
    async resume() {
      if (!isWorking) await startWorker(boss, subscription)
      isWorking = true
    },
  }
}

async function startWorker(boss: PgBoss, subscription: Subscription<unknown>): Promise<void> {
  const queue = queueName(subscription.topic, subscription.group)
  const options = {
    batchSize: BATCH_SIZE,
    pollingIntervalSeconds: 0.5,
    burstWhenBatchFull: true,
    perJobResults: true,
    includeMetadata: true,
  } as const
  await boss.work<CloudEvent, unknown, typeof options>(queue, options, async (jobs) => {
    const results: JobResult[] = []
    for (const job of jobs) results.push(await processJob(queue, subscription, job))
    return results
  })
}

/** One delivery, inside a CONSUMER span that is a child of the sender's and links to it. */
async function processJob(
  queue: string,
  subscription: Subscription<unknown>,
  job: JobWithMetadata<CloudEvent>,
): Promise<JobResult> {
  const event = job.data
  const remote = propagation.extract(ROOT_CONTEXT, event)
  const sender = trace.getSpanContext(remote)
  const span = trace.getTracer('shop.pg-boss').startSpan(
    `process ${queue}`,
    {
      kind: SpanKind.CONSUMER,
      attributes: {
        ...messagingAttributes(queue, 'process', event.correlationid),
        'messaging.consumer.group.name': subscription.group,
        'messaging.message.id': event.id,
        'messaging.message.delivery_count': job.retryCount + 1,
        'messaging.pg_boss.job.id': job.id,
      },
      links: sender === undefined ? [] : [{ context: sender }],
    },
    remote,
  )
  try {
    await context.with(trace.setSpan(remote, span), () => subscription.handle(fromCloudEvent(event)))
    return { id: job.id, status: 'completed' }
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    span.recordException(error)
    span.setAttribute('error.type', error.name)
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
    if (job.retryCount >= job.retryLimit) subscription.onDeadLetter()
    return { id: job.id, status: 'failed', output: error }
  } finally {
    span.end()
  }
}

function messagingAttributes(destination: string, operation: 'send' | 'process', correlationId: string) {
  return {
    'messaging.system': SYSTEM,
    'messaging.destination.name': destination,
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'messaging.message.conversation_id': correlationId,
  }
}
