import { expect, test } from 'vitest'
import { createToldTelemetry, redriveAsPerson, waitForState } from '#engine/engine-fixture.ts'
import { useMemoryEngine } from '#engine/memory-engine.ts'

const MESSAGES = 10_000
const CANARY = 10
/** A twentieth of the place: what may have gone out before what became of it was seen. */
const SENT_AT_MOST = MESSAGES / 20
/** Slow enough that a busy machine sees outcomes long before so many are out. */
const RATE_PER_SECOND = 50
const LIMIT_MS = 120_000
const PATIENT = { timeout: 2 * LIMIT_MS }
const { database, openBroker, start, makePlace, copiesAt } = useMemoryEngine()

test('of ten thousand messages that fail again no more go out than the canary', PATIENT, async () => {
  start({ broker: openBroker('log'), telemetry: createToldTelemetry(() => 'failed') })
  const place = await makePlace(MESSAGES)
  const id = await redriveAsPerson(database().database, { ...place, canarySize: CANARY })
  const { operation, counts } = await waitForState(database().database, id, ['paused', 'completed'], LIMIT_MS)
  expect(operation.stateReason).toMatch(/^canary: of 10 messages \d+ failed again$/)
  expect(counts).toMatchObject({ confirmed: CANARY, remaining: MESSAGES - CANARY })
  expect(copiesAt(place.origin)).toHaveLength(CANARY)
})

test('of ten thousand whose trouble begins after a good canary at most a twentieth goes out', PATIENT, async () => {
  const telemetry = createToldTelemetry(({ attributes }) =>
    Number(attributes['throughline.item']) <= CANARY ? 'processed' : 'failed',
  )
  start({ broker: openBroker('log'), telemetry })
  const place = await makePlace(MESSAGES)
  const wish = { ...place, canarySize: CANARY, ratePerSecond: RATE_PER_SECOND }
  const id = await redriveAsPerson(database().database, wish)
  const { operation, counts } = await waitForState(database().database, id, ['paused', 'completed'], LIMIT_MS)
  expect(operation.stateReason).toMatch(/^breaker: of the last \d+ outcomes \d+ failed again$/)
  expect(counts.confirmed).toBeGreaterThan(CANARY)
  expect(counts.confirmed).toBeLessThanOrEqual(SENT_AT_MOST)
  expect(copiesAt(place.origin)).toHaveLength(counts.confirmed)
})
