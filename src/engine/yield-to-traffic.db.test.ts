import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { Broker } from '#brokers/broker.ts'
import { cancelOperation } from '#commands/operation/cancel.ts'
import { auditEntry } from '#db/schema/access.ts'
import { operationTransition } from '#db/schema/operation.ts'
import { Failure } from '#domain/failure.ts'
import { createToldTelemetry, OPERATOR, redriveAsPerson, waitFor, waitForState } from '#engine/engine-fixture.ts'
import { useMemoryEngine } from '#engine/memory-engine.ts'

const { database, openBroker, start, makePlace } = useMemoryEngine()

const CAP = 200
const makeFailed = () => makePlace(3_000, { letter: () => ({ consumerGroup: 'payments' }) })
const cancel = (operationId: string) =>
  cancelOperation({ database: database().database, actor: OPERATOR }, { operationId, reason: 'seen enough' })

/** A broker whose group `payments` is behind by what `next` says with every look. */
function behindBy(next: () => number): Broker {
  const lane = { group: 'payments', lane: '0', committed: 0, start: 0, oldestAgeMs: null }
  return {
    ...openBroker('log'),
    offsets: { read: async (_group, destination) => [{ ...lane, destination, end: next() }] },
  }
}

test('the rate yields while the group falls behind, says why, and comes back to the cap when it has caught up', async () => {
  // Behind for as many looks as bring the rate down, and too few for the breaker.
  let lag = 0
  start({ broker: behindBy(() => (lag += lag === 0 || lag >= 60_000 ? 0 : 5_000)), trafficLookMs: 100 })
  lag = 5_000
  const id = await redriveAsPerson(database().database, { ...(await makeFailed()), ratePerSecond: CAP })
  const { operation: slow } = await waitFor(
    database().database,
    id,
    ({ operation }) => (operation.yieldedRate ?? CAP) <= CAP / 4,
  )
  expect(slow.yieldReason).toMatch(/^payments on orders-\d+ (falls behind|catches up) \([\d,]+ messages, /)
  expect(slow.state).toBe('running')
  lag = 0
  await waitFor(database().database, id, ({ operation }) => operation.yieldedRate === null)
  await cancel(id)
  await waitForState(database().database, id, ['cancelled'])
})

test('a group that falls behind whatever the rate stops the operation, with the sentence on it and on the record', async () => {
  let lag = 0
  start({ broker: behindBy(() => (lag += 5_000)), trafficLookMs: 50 })
  const id = await redriveAsPerson(database().database, { ...(await makeFailed()), ratePerSecond: CAP })
  const { operation } = await waitForState(database().database, id, ['paused'])
  expect(operation.stateReason).toMatch(/^breaker: payments on .* falls behind .*, and yielding does not help$/)
  const { database: db } = database()
  const moves = await db.select().from(operationTransition).where(eq(operationTransition.operationId, id))
  expect(moves.at(-1)).toMatchObject({ toState: 'paused', reason: operation.stateReason })
  const audited = await db
    .select()
    .from(auditEntry)
    .where(eq(auditEntry.target, `operation:${id}`))
  expect(JSON.stringify(audited)).toContain('and yielding does not help')
})

test('deliveries that begin to fail stop the operation; failures that were there before do not', async () => {
  const quantiles = { dwellP50Us: null, dwellP95Us: null, processingP50Us: null, processingP95Us: null }
  let shareBefore = 0
  const telemetry = {
    ...createToldTelemetry(() => 'silent'),
    readDestinationSeries: async (query: { fromUs: number; toUs: number; destination: string | null }) => {
      const isBefore = query.toUs - query.fromUs > 300_000_000
      const errorCount = isBefore ? shareBefore * 1_000 : 450
      const counts = { atUs: 0, sentCount: 0, receivedCount: 1_000, errorCount }
      return [{ ...counts, ...quantiles, destination: query.destination ?? '' }]
    },
  }
  start({ broker: openBroker('log'), telemetry, trafficLookMs: 50 })
  const place = await makeFailed()
  const id = await redriveAsPerson(database().database, { ...place, ratePerSecond: CAP })
  const { operation } = await waitForState(database().database, id, ['paused'])
  expect(operation.stateReason).toBe(
    `breaker: on ${place.origin} 45 % of the latest 1000 deliveries failed (0 % before the start)`,
  )
  shareBefore = 0.4
  const calm = await redriveAsPerson(database().database, { ...(await makePlace(60)), ratePerSecond: 100 })
  await waitForState(database().database, calm, ['completed'])
})

test('a destination that is given too much is given less, and nothing of it is lost or counted as sent', async () => {
  const broker = openBroker('log')
  let isThrottled = true
  const throttled = new Failure('limit', 'orders takes no more just now', { retryable: true })
  const send: Broker['send'] = {
    ...broker.send,
    send: async (messages, signal) =>
      isThrottled
        ? messages.map(() => ({ outcome: 'refused' as const, failure: throttled }))
        : broker.send.send(messages, signal),
  }
  start({ broker: { ...broker, send }, trafficLookMs: 50 })
  const place = await makePlace(100)
  const id = await redriveAsPerson(database().database, { ...place, ratePerSecond: CAP })
  const { operation, counts } = await waitFor(database().database, id, (view) => view.operation.yieldedRate !== null)
  expect(operation.yieldReason).toBe('orders takes no more just now')
  expect(counts.confirmed).toBe(0)
  isThrottled = false
  const done = await waitForState(database().database, id, ['completed', 'paused'])
  expect(done.operation.stateReason).toBeNull()
  expect(done.counts.confirmed).toBe(100)
})
