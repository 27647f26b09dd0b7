import { expect, test } from 'vitest'
import { cancelOperation } from '#commands/operation/cancel.ts'
import { pauseOperation } from '#commands/operation/pause.ts'
import { resumeOperation } from '#commands/operation/resume.ts'
import { listTransitions } from '#db/store/operation-view-store.ts'
import { isConserved } from '#domain/operation/operation-counts.ts'
import { createToldTelemetry, OPERATOR, redriveAsPerson, waitFor, waitForState } from '#engine/engine-fixture.ts'
import { useMemoryEngine } from '#engine/memory-engine.ts'

/** Two seconds of the cap: what may still go out between the wish and its effect. Counted, as clocks of busy machines lie. */
const SENT_WITHIN_TWO_SECONDS = 100
const { database, openBroker, start, makePlace, copiesAt, itemsOf } = useMemoryEngine()

test('a good canary lets the rest go; its moves are on record', async () => {
  start({ broker: openBroker('log') })
  const place = await makePlace(100)
  const id = await redriveAsPerson(database().database, { ...place, canarySize: 10 })
  await waitForState(database().database, id, ['completed'])
  expect((await listTransitions(database().database, id)).map((move) => move.toState)).toEqual([
    'planned',
    'queued',
    'canary',
    'running',
    'completed',
  ])
})

test('a canary that fails again stops at its size; a person may go on in spite of it', async () => {
  let told: 'failed' | 'processed' = 'failed'
  start({ broker: openBroker('log'), telemetry: createToldTelemetry(() => told) })
  const place = await makePlace(100)
  const id = await redriveAsPerson(database().database, { ...place, canarySize: 10 })
  const { operation, counts } = await waitForState(database().database, id, ['paused'])
  expect(operation.stateReason).toMatch(/^canary: of 10 messages \d+ failed again$/)
  expect(operation.intent).toBe('pause')
  expect(counts).toMatchObject({ confirmed: 10, remaining: 90 })
  told = 'processed'
  await resumeOperation({ database: database().database, actor: OPERATOR }, { operationId: id })
  await waitForState(database().database, id, ['completed'])
  expect(copiesAt(place.origin)).toHaveLength(100)
})

test('a canary that nobody is seen to process stops too, and is called not seen', async () => {
  start({
    broker: openBroker('log'),
    telemetry: createToldTelemetry(() => 'silent'),
    outcomeLimits: { commitGraceMs: 100, notSeenAfterMs: 500 },
  })
  const place = await makePlace(20)
  const id = await redriveAsPerson(database().database, { ...place, canarySize: 5 })
  const { operation, counts } = await waitForState(database().database, id, ['paused'])
  expect(operation.stateReason).toContain('of 5 messages 5 were not seen')
  expect(counts.outcomes).toMatchObject({ 'not-seen': 5, processed: 0 })
})

test('copies that come back trip the breaker and count as failed again, even where a span said processed', async () => {
  start({ broker: openBroker('log'), telemetry: createToldTelemetry(() => 'processed') })
  const place = await makePlace(400)
  const id = await redriveAsPerson(database().database, { ...place, ratePerSecond: 40 })
  await waitFor(database().database, id, (view) => view.counts.confirmed >= 20)
  const sent = (await itemsOf(id)).filter((item) => item.state === 'removed')
  for (const item of sent) {
    await database().pool.query(
      `insert into dead_letter (cluster_id, destination, position, dead_at, dialect, fingerprint, fingerprint_title,
         headers, payload_bytes, return_of_operation_id, return_of_item)
       values ('m', $1, $2, now(), 'none', 'back', 'x', '[]', 0, $3, $4)`,
      [place.source, `back@${item.ordinal}`, id, item.ordinal],
    )
  }
  const { operation } = await waitForState(database().database, id, ['paused'])
  expect(operation.stateReason).toMatch(/^breaker: of the last \d+ outcomes \d+ failed again$/)
  // Returns that were indexed after the breaker had seen enough are recognised all the same.
  const { counts } = await waitFor(
    database().database,
    id,
    (view) => view.counts.outcomes['failed-again'] >= sent.length,
  )
  expect(counts.remaining).toBeGreaterThan(200)
})

test('a destination that refuses everything stops the operation, and what is left stays where it is', async () => {
  const broker = openBroker('queue')
  broker.faults.inject({ fault: { kind: 'refuse', retryable: false } })
  start({ broker })
  const place = await makePlace(1_000)
  const id = await redriveAsPerson(database().database, { ...place, ratePerSecond: 100 })
  const { operation, counts } = await waitForState(database().database, id, ['paused'])
  expect(operation.stateReason).toContain('the destination refused')
  expect(counts.remaining).toBeGreaterThan(500)
  expect(copiesAt(place.source)).toHaveLength(1_000)
})

test('pause, resume and cancel take effect promptly, and cancelled is cancelled', async () => {
  start({ broker: openBroker('log') })
  const place = await makePlace(500)
  const as = { database: database().database, actor: OPERATOR }
  const id = await redriveAsPerson(database().database, { ...place, ratePerSecond: 50 })
  await waitFor(database().database, id, (view) => view.counts.confirmed > 5)
  const sentBefore = copiesAt(place.origin).length
  await pauseOperation(as, { operationId: id, reason: 'wait a moment' })
  const paused = await waitForState(database().database, id, ['paused'])
  expect(paused.operation.stateReason).toBe('wait a moment')
  const sentWhilePaused = copiesAt(place.origin).length
  expect(paused.counts.confirmed).toBe(sentWhilePaused)
  expect(sentWhilePaused - sentBefore).toBeLessThanOrEqual(SENT_WITHIN_TWO_SECONDS)
  await resumeOperation(as, { operationId: id })
  await waitFor(database().database, id, (view) => view.counts.confirmed > sentWhilePaused)
  const sentResumed = copiesAt(place.origin).length
  await cancelOperation(as, { operationId: id, reason: 'enough' })
  const cancelled = await waitForState(database().database, id, ['cancelled'])
  expect(copiesAt(place.origin).length - sentResumed).toBeLessThanOrEqual(SENT_WITHIN_TWO_SECONDS)
  expect(isConserved(500, cancelled.counts)).toBe(true)
  expect(copiesAt(place.origin)).toHaveLength(cancelled.counts.confirmed)
  const moves = (await listTransitions(database().database, id)).map((move) => [move.toState, move.actorName])
  expect(moves.slice(-3)).toEqual([
    ['paused', 'Olga'],
    ['running', 'Olga'],
    ['cancelled', 'Olga'],
  ])
})

test('no window of a second holds more than 1.1 times the cap, through a pause and a resume', async () => {
  start({ broker: openBroker('log') })
  const place = await makePlace(300)
  const as = { database: database().database, actor: OPERATOR }
  const id = await redriveAsPerson(database().database, { ...place, ratePerSecond: 60 })
  await waitFor(database().database, id, (view) => view.counts.confirmed > 60)
  await pauseOperation(as, { operationId: id, reason: 'x' })
  await waitForState(database().database, id, ['paused'])
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  await resumeOperation(as, { operationId: id })
  await waitForState(database().database, id, ['completed'])
  const claims = (await itemsOf(id)).flatMap((item) => item.claimedAt?.getTime() ?? []).toSorted((a, b) => a - b)
  const busiest = Math.max(...claims.map((start) => claims.filter((at) => at >= start && at < start + 1_000).length))
  expect(busiest).toBeLessThanOrEqual(66)
})
