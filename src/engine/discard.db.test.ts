import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { planDiscard } from '#commands/dead-letter/plan-discard.ts'
import { restoreDiscarded } from '#commands/dead-letter/restore.ts'
import { startOperation } from '#commands/operation/start.ts'
import { auditEntry } from '#db/schema/access.ts'
import { deadLetter } from '#db/schema/dead-letter.ts'
import { messageArchive } from '#db/schema/message-archive.ts'
import { isConserved } from '#domain/operation/operation-counts.ts'
import { OPERATOR, redriveAsPerson, waitForState } from '#engine/engine-fixture.ts'
import { useMemoryEngine, type MemoryPlace } from '#engine/memory-engine.ts'

const { database, log, openBroker, start, makePlace, copiesAt } = useMemoryEngine()
const as = () => ({ database: database().database, actor: OPERATOR })
const lettersAt = (place: MemoryPlace) =>
  database().database.select().from(deadLetter).where(eq(deadLetter.destination, place.source))

async function discardAsPerson(place: MemoryPlace, ratePerSecond = 100_000): Promise<string> {
  const { operationId } = await planDiscard(as(), {
    requestKey: randomUUID(),
    clusterId: place.clusterId,
    source: place.source,
    selection: { fingerprint: place.fingerprint },
    reason: 'test orders of the load test',
    ratePerSecond,
  })
  const { operation } = await waitForState(database().database, operationId, ['planned', 'failed'])
  await startOperation(as(), { operationId, manifestHash: operation.manifestHash ?? '' })
  return operationId
}

test('a discard on a log keeps every message whole, marks it, sends nothing and deletes nothing', async () => {
  start({ broker: openBroker('log') })
  const binary = { name: 'kafka_offset', value: new Uint8Array([0, 0, 0, 7]) }
  const place = await makePlace(120, { keys: 5, headers: [binary, { name: 'gone', value: null }] })
  const id = await discardAsPerson(place)
  const { operation, counts } = await waitForState(database().database, id, ['completed'])
  expect(isConserved(operation.itemCount, counts)).toBe(true)
  expect(counts).toMatchObject({ selected: 120, confirmed: 120, failed: 0 })
  expect(new Set((await lettersAt(place)).map((letter) => letter.state))).toEqual(new Set(['discarded']))
  expect(copiesAt(place.source)).toHaveLength(120)
  expect(copiesAt(place.origin)).toHaveLength(0)
  const kept = await database().database.select().from(messageArchive).where(eq(messageArchive.operationId, id))
  expect(kept.map((row) => new TextDecoder().decode(row.payload ?? new Uint8Array())).toSorted()).toEqual(
    Array.from({ length: 120 }, (_, at) => `message ${at}`).toSorted(),
  )
  expect(kept[0]).toMatchObject({ headers: [{ n: 'kafka_offset', b: 'AAAABw==' }, { n: 'gone' }], isOnlyCopy: false })
})

test('a queue lets go of what is archived; restored, it is open again and a redrive sends its own bytes', async () => {
  start({ broker: openBroker('queue') })
  const place = await makePlace(60, { keys: 4, headers: [{ name: 'tenant', value: new TextEncoder().encode('acme') }] })
  const id = await discardAsPerson(place)
  await waitForState(database().database, id, ['completed'])
  expect(copiesAt(place.source)).toHaveLength(0)

  expect(await restoreDiscarded(as(), { operationId: id, reason: 'they were real after all' })).toEqual({
    restoredCount: 60,
  })
  const open = await lettersAt(place)
  expect(new Set(open.map((letter) => letter.state))).toEqual(new Set(['open']))
  const daysLeft = open.map((letter) => ((letter.expiresAt?.getTime() ?? 0) - Date.now()) / 86_400_000)
  expect(Math.min(...daysLeft)).toBeGreaterThan(29)

  const redrive = await redriveAsPerson(database().database, place)
  const { counts } = await waitForState(database().database, redrive, ['completed'])
  expect(counts).toMatchObject({ confirmed: 60, failed: 0 })
  const copies = copiesAt(place.origin)
  expect(copies.map((copy) => new TextDecoder().decode(copy.payload ?? new Uint8Array())).toSorted()).toEqual(
    Array.from({ length: 60 }, (_, at) => `message ${at}`).toSorted(),
  )
  expect(copies.every((copy) => copy.headers.some((header) => header.name === 'tenant'))).toBe(true)
})

test.each(['claimed', 'confirming', 'confirmed', 'removing', 'removed'] as const)(
  'a discard interrupted at %s is carried on: everything archived once, nothing left at the queue',
  async (step) => {
    start({
      broker: openBroker('queue'),
      failpoint: { text: `${step}:2:throw`, nodeEnvironment: 'test' },
    })
    const place = await makePlace(200)
    const id = await discardAsPerson(place, 1_000)
    const { counts } = await waitForState(database().database, id, ['completed'])
    expect(counts).toMatchObject({ confirmed: 200, failed: 0, remaining: 0 })
    expect(copiesAt(place.source)).toHaveLength(0)
    const kept = await database().database.select().from(messageArchive).where(eq(messageArchive.operationId, id))
    expect(new Set(kept.map((row) => row.ordinal)).size).toBe(200)
  },
)

test('what its source has lost meanwhile fails as a gap and stays open; nothing is restored that was not kept', async () => {
  start({ broker: openBroker('log') })
  const place = await makePlace(10)
  for (const lane of log.destinations.get(place.source)?.lanes ?? []) lane.splice(0, lane.length)
  const id = await discardAsPerson(place)
  const { operation, counts } = await waitForState(database().database, id, ['completed', 'partial'])
  expect([operation.state, operation.stateReason]).toEqual(['partial', expect.stringMatching(/^10 of 10 .*not kept/)])
  expect(counts).toMatchObject({ confirmed: 0, failed: 10 })
  expect(new Set((await lettersAt(place)).map((letter) => letter.state))).toEqual(new Set(['open']))
  await expect(restoreDiscarded(as(), { operationId: id, reason: 'back please' })).rejects.toMatchObject({
    code: 'not-found',
  })
})

test('what the archive has let go of cannot be restored, and a restore waits for an operation on its place', async () => {
  start({ broker: openBroker('log') })
  const place = await makePlace(200)
  const [first] = await lettersAt(place)
  const { operationId } = await planDiscard(as(), {
    requestKey: randomUUID(),
    clusterId: 'm',
    source: place.source,
    selection: { ids: [first?.id ?? 0] },
    reason: 'a single one',
  })
  const { operation } = await waitForState(database().database, operationId, ['planned'])
  expect(operation.itemCount).toBe(1)
  await startOperation(as(), { operationId, manifestHash: operation.manifestHash ?? '' })
  await waitForState(database().database, operationId, ['completed'])
  const slow = await discardAsPerson(place, 1)
  const restoring = { ids: [first?.id ?? 0], reason: 'a mistake' }
  await expect(restoreDiscarded(as(), restoring)).rejects.toMatchObject({ code: 'conflict' })
  await database().pool.query(`update operation set state = 'cancelled', intent = 'cancel' where id = $1`, [slow])
  await database().pool.query('update message_archive set expires_at = now() where dead_letter_id = $1', [first?.id])
  await expect(restoreDiscarded(as(), restoring)).rejects.toMatchObject({ code: 'not-found' })
})

test('the record names who asked for the discard, who restored, and why', async () => {
  const rows = await database().database.select().from(auditEntry)
  const verbs = rows.filter((row) => row.actorName === OPERATOR.name).map((row) => row.verb)
  expect(verbs).toContain('dead-letter.plan-discard')
  expect(verbs).toContain('dead-letter.restore')
  const viewer = { ...OPERATOR, role: 'viewer' as const }
  await expect(
    restoreDiscarded({ database: database().database, actor: viewer }, { ids: [1], reason: 'let me' }),
  ).rejects.toMatchObject({ code: 'forbidden' })
})
