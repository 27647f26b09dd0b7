import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { Broker } from '#brokers/broker.ts'
import { cancelOperation } from '#commands/operation/cancel.ts'
import { deadLetter } from '#db/schema/dead-letter.ts'
import { operation } from '#db/schema/operation.ts'
import { createToldTelemetry, OPERATOR, planAsPerson, seedDeadLetters, waitFor } from '#engine/engine-fixture.ts'
import { useMemoryEngine, type MemoryPlace } from '#engine/memory-engine.ts'

const { database, openBroker, start, makePlace, itemsOf } = useMemoryEngine()

/** Dead letters about which the plan asks the broker where the group has committed. */
const makeAsking = () =>
  makePlace(5, { keys: 5, letter: (at) => ({ originPosition: `0@${at}`, consumerGroup: 'payments' }) })

/** A broker that does not answer the plan's question before `look` is through. */
function askedWhile(look: () => Promise<void>): Broker {
  return {
    ...openBroker('log'),
    offsets: {
      read: async () => {
        await look()
        return []
      },
    },
  }
}

const planningRow = async (place: MemoryPlace) => {
  const [row] = await database().database.select().from(operation).where(eq(operation.source, place.source))
  if (row === undefined) throw new Error('nothing is being planned')
  return row
}

test('while the broker is asked, no transaction stands open, and people see what the plan is at', async () => {
  const place = await makeAsking()
  const seen: unknown[] = []
  const broker = askedWhile(async () => {
    const { rows } = await database().pool.query(
      `select query from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`,
    )
    seen.push(rows, (await planningRow(place)).planProgress?.step)
  })
  start({ broker })
  const { operation: planned } = await planAsPerson(database().database, place)
  expect(planned.state).toBe('planned')
  expect(planned.planProgress).toBeNull()
  expect(seen).toEqual([[], 'looking for newer messages of the same keys'])
})

test('who was handled while the plan was made is left out, who arrived is not taken in, and both is said', async () => {
  const place = await makeAsking()
  const broker = askedWhile(async () => {
    const { database: db } = database()
    const [first] = await db.select().from(deadLetter).where(eq(deadLetter.destination, place.source)).limit(1)
    await db
      .update(deadLetter)
      .set({ state: 'discarded' })
      .where(eq(deadLetter.id, first?.id ?? 0))
    await seedDeadLetters(db, place, [{ position: '0@900', key: null, originDestination: place.origin }])
  })
  start({ broker })
  const { operation: planned, counts } = await planAsPerson(database().database, place)
  expect(counts).toMatchObject({ selected: 5, skipped: 1 })
  expect(planned.plan).toMatchObject({ selectedCount: 5, sendCount: 4 })
  expect(planned.plan?.exclusions).toEqual([
    { reason: 'its dead letter was discarded while this was planned', state: 'skipped', count: 1 },
  ])
  expect(planned.plan?.warnings.join('\n')).toContain('One of the selected messages was handled by somebody else')
  expect(planned.plan?.warnings.join('\n')).toContain('One more message that matches arrived')
})

test('cancelled while it is planned, an operation keeps nothing of its manifest and is never planned', async () => {
  const place = await makeAsking()
  const broker = askedWhile(async () => {
    const { id } = await planningRow(place)
    await cancelOperation({ database: database().database, actor: OPERATOR }, { operationId: id, reason: 'a mistake' })
  })
  start({ broker })
  await planAsPerson(database().database, place)
  const { id } = await planningRow(place)
  const { operation: row } = await waitFor(database().database, id, ({ counts }) => counts.selected === 0)
  expect(row).toMatchObject({ state: 'cancelled', manifestHash: null, plan: null })
  expect(await itemsOf(id)).toEqual([])
})

test('a consumer that fails on what it gets is told of before anything more is sent to it', async () => {
  const place = await makePlace(3)
  const bucket = { atUs: 0, sentCount: 0, receivedCount: 200, errorCount: 90 }
  const quantiles = { dwellP50Us: null, dwellP95Us: null, processingP50Us: null, processingP95Us: null }
  const telemetry = {
    ...createToldTelemetry(() => 'processed'),
    readDestinationSeries: async () => [{ ...bucket, ...quantiles, destination: place.origin }],
  }
  start({ broker: openBroker('log'), telemetry })
  const { operation: planned } = await planAsPerson(database().database, place)
  expect(planned.plan?.warnings).toContain(
    `On ${place.origin} 90 of 200 deliveries failed in the last 10 minutes: the consumer is not well.`,
  )
})
