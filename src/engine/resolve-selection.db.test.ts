import { randomUUID } from 'node:crypto'
import { asc, eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { planDiscard } from '#commands/dead-letter/plan-discard.ts'
import { planRedrive } from '#commands/dead-letter/plan-redrive.ts'
import { startOperation } from '#commands/operation/start.ts'
import { deadLetter } from '#db/schema/dead-letter.ts'
import { operationItem } from '#db/schema/operation.ts'
import { listOperationTransitions } from '#db/store/operation-list.ts'
import { letterFilterSchema } from '#domain/dead-letter/letter-filter.ts'
import { OPERATOR, seedDeadLetters, waitForState } from '#engine/engine-fixture.ts'
import { useMemoryEngine, type MemoryPlace } from '#engine/memory-engine.ts'

const { database, openBroker, start, makePlace } = useMemoryEngine()
const as = () => ({ database: database().database, actor: OPERATOR })

const wishOf = (place: MemoryPlace, filter: Record<string, string>) => ({
  requestKey: randomUUID(),
  clusterId: place.clusterId,
  source: place.source,
  selection: { filter: letterFilterSchema.parse(filter) },
  reason: 'found by looking for them',
})

const itemsOf = async (operationId: string) =>
  database()
    .database.select({ deadLetterId: operationItem.deadLetterId })
    .from(operationItem)
    .where(eq(operationItem.operationId, operationId))
    .orderBy(asc(operationItem.ordinal))

test('a redrive of what an expression finds takes exactly that, frozen when it was planned', async () => {
  start({ broker: openBroker('log') })
  const place = await makePlace(40, { keys: 4 })
  const other = await makePlace(10, { keys: 4 })
  const letters = await database()
    .database.select({ id: deadLetter.id, key: deadLetter.messageKey })
    .from(deadLetter)
    .where(eq(deadLetter.destination, place.source))
    .orderBy(asc(deadLetter.id))
  const key = new TextDecoder().decode(letters[0]?.key ?? new Uint8Array())
  const meant = letters.filter((letter) => new TextDecoder().decode(letter.key ?? new Uint8Array()) === key)
  expect(meant).toHaveLength(10)

  const wish = wishOf(place, { expression: `key == "${key}" && destination == "${place.source}"` })
  const { operationId } = await planRedrive(as(), wish)
  const { operation } = await waitForState(database().database, operationId, ['planned'])
  expect(operation.itemCount).toBe(10)
  expect((await itemsOf(operationId)).map((item) => item.deadLetterId)).toEqual(meant.map((letter) => letter.id))
  expect(other.source).not.toBe(place.source)

  const late = { position: '0@9999', key: letters[0]?.key ?? null, originDestination: place.origin }
  await seedDeadLetters(database().database, { ...place, destination: place.source }, [late])
  expect((await planRedrive(as(), wish)).operationId).toBe(operationId)
  await startOperation(as(), { operationId, manifestHash: operation.manifestHash ?? '' })
  const { counts } = await waitForState(database().database, operationId, ['completed'])
  expect(counts).toMatchObject({ selected: 10, confirmed: 10 })
})

test('a discard takes a filter, too', async () => {
  start({ broker: openBroker('log') })
  const place = await makePlace(12, { keys: 3 })
  const { operationId } = await planDiscard(as(), wishOf(place, { error: 'A BUG', destination: place.source }))
  const { operation } = await waitForState(database().database, operationId, ['planned'])
  expect(operation.itemCount).toBe(12)
})

test.each([
  ['finds nothing', { expression: 'key == "nobody"' }, 'no open dead letter matches'],
  ['is none', { expression: 'key ==' }, 'cannot be read'],
])('an expression that %s ends the plan with the reason', async (_what, filter, reason) => {
  start({ broker: openBroker('log') })
  const place = await makePlace(3, { keys: 1 })
  const { operationId } = await planRedrive(as(), wishOf(place, filter))
  await waitForState(database().database, operationId, ['failed'])
  const transitions = await listOperationTransitions(database().database, operationId)
  expect(transitions.find(({ toState }) => toState === 'failed')?.reason).toContain(reason)
})

test('an empty filter is refused, as it would mean everything', async () => {
  const place = await makePlace(3, { keys: 1 })
  const wish = { ...wishOf(place, {}), selection: { filter: letterFilterSchema.parse({}) } }
  await expect(planRedrive(as(), wish)).rejects.toMatchObject({ code: 'invalid' })
  const nameless = letterFilterSchema.parse({ headerValue: 'acme' })
  await expect(planRedrive(as(), { ...wish, selection: { filter: nameless } })).rejects.toMatchObject({
    code: 'invalid',
  })
})
