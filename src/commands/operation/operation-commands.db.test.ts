import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { beforeAll, expect, test } from 'vitest'
import { planRedrive } from '#commands/dead-letter/plan-redrive.ts'
import { advanceOperation } from '#commands/operation/advance.ts'
import { cancelOperation } from '#commands/operation/cancel.ts'
import { pauseOperation } from '#commands/operation/pause.ts'
import { resumeOperation } from '#commands/operation/resume.ts'
import { startOperation } from '#commands/operation/start.ts'
import { auditEntry } from '#db/schema/access.ts'
import { cluster } from '#db/schema/cluster.ts'
import { operation } from '#db/schema/operation.ts'
import { moveOperation, readOperation } from '#db/store/operation-store.ts'
import { listOperations, listTransitions } from '#db/store/operation-view-store.ts'
import { useTestDatabase } from '#db/test-database.ts'
import type { Actor } from '#domain/access/role.ts'

const database = useTestDatabase()
const operator: Actor = { kind: 'person', id: 'p1', name: 'Olga', role: 'operator' }
const as = (actor: Actor) => ({ database: database().database, actor })
const HASH = 'a'.repeat(64)

beforeAll(async () => {
  await database().database.insert(cluster).values({ id: 'c', kind: 'kafka', name: 'C', configuration: {} })
})

const wish = (changes: Partial<Parameters<typeof planRedrive>[1]> = {}) => ({
  requestKey: randomUUID(),
  clusterId: 'c',
  source: 'orders.DLT',
  selection: { fingerprint: 'f' },
  reason: 'bug fixed',
  ...changes,
})

async function plannedOperation(source: string): Promise<string> {
  const { operationId } = await planRedrive(as(operator), wish({ source }))
  await database()
    .database.update(operation)
    .set({ manifestHash: HASH, itemCount: 1 })
    .where(eq(operation.id, operationId))
  await moveOperation(database().database, {
    id: operationId,
    from: 'planning',
    to: 'planned',
    actorName: 'collector',
    reason: null,
  })
  return operationId
}

test('the same request key is one operation, however often and at once it is asked', async () => {
  const asked = wish()
  const results = await Promise.all(Array.from({ length: 20 }, () => planRedrive(as(operator), asked)))
  expect(new Set(results.map((result) => result.operationId)).size).toBe(1)
  expect(results.filter((result) => result.isNew)).toHaveLength(1)
  await expect(planRedrive(as(operator), { ...asked, source: 'other.DLT' })).rejects.toMatchObject({ code: 'conflict' })
})

test('an empty selection, a viewer, an unknown cluster and the place itself as target are refused', async () => {
  await expect(planRedrive(as(operator), wish({ selection: {} }))).rejects.toMatchObject({ code: 'invalid' })
  await expect(planRedrive(as({ ...operator, role: 'viewer' } as Actor), wish())).rejects.toMatchObject({
    code: 'forbidden',
  })
  await expect(planRedrive(as(operator), wish({ clusterId: 'x' }))).rejects.toMatchObject({ code: 'not-found' })
  await expect(planRedrive(as(operator), wish({ target: 'orders.DLT' }))).rejects.toMatchObject({ code: 'invalid' })
})

test('of 50 operations that are started at once on one source exactly one starts, the others are told why', async () => {
  const ids: string[] = []
  for (let made = 0; made < 50; made += 1) ids.push(await plannedOperation('busy.DLT'))
  const results = await Promise.allSettled(
    ids.map((operationId) => startOperation(as(operator), { operationId, manifestHash: HASH })),
  )
  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'conflict' })
  }
  const active = await listOperations(database().database, {
    clusterId: 'c',
    states: ['queued'],
    limit: 100,
    afterNumber: null,
  })
  expect(active.filter((view) => view.operation.source === 'busy.DLT')).toHaveLength(1)
  const started = await database().database.select().from(auditEntry).where(eq(auditEntry.verb, 'operation.start'))
  expect(started).toHaveLength(1)
})

test('what is started is the plan that was shown, and starting twice is starting once', async () => {
  const operationId = await plannedOperation('shown.DLT')
  await expect(startOperation(as(operator), { operationId, manifestHash: 'b'.repeat(64) })).rejects.toMatchObject({
    code: 'conflict',
  })
  await startOperation(as(operator), { operationId, manifestHash: HASH })
  await expect(startOperation(as(operator), { operationId, manifestHash: HASH })).resolves.toEqual({ state: 'queued' })
  expect(
    (await listTransitions(database().database, operationId)).map((move) => [move.toState, move.actorName]),
  ).toEqual([
    ['planned', 'collector'],
    ['queued', 'Olga'],
  ])
})

test('pause, resume and cancel leave a wish with its reason, and refuse what makes no sense', async () => {
  const operationId = await plannedOperation('wish.DLT')
  await expect(pauseOperation(as(operator), { operationId, reason: 'x' })).rejects.toMatchObject({ code: 'conflict' })
  await startOperation(as(operator), { operationId, manifestHash: HASH })
  await pauseOperation(as(operator), { operationId, reason: 'lunch' })
  expect(await readOperation(database().database, operationId)).toMatchObject({
    state: 'queued',
    intent: 'pause',
    intentReason: 'lunch',
    intentByName: 'Olga',
  })
  await resumeOperation(as(operator), { operationId })
  await expect(resumeOperation(as(operator), { operationId })).rejects.toMatchObject({ code: 'conflict' })
  await cancelOperation(as(operator), { operationId, reason: 'wrong one' })
  await expect(resumeOperation(as(operator), { operationId })).rejects.toMatchObject({ code: 'conflict' })
  expect(await readOperation(database().database, operationId)).toMatchObject({ intent: 'cancel' })
})

test('a resume that comes while a pause takes effect is not lost; a pause of the engine waits for a person', async () => {
  const operationId = await plannedOperation('hasty.DLT')
  await startOperation(as(operator), { operationId, manifestHash: HASH })
  const engine = as({ kind: 'system', id: 'engine', name: 'engine' })
  const { fencingToken } = (await readOperation(database().database, operationId))!
  const advance = (from: 'queued' | 'paused' | 'running', to: 'running' | 'paused', onBehalfOf: string | null) =>
    advanceOperation(engine, { operationId, from, to, reason: 'because', fencingToken, onBehalfOf })
  await advance('queued', 'running', null)
  await pauseOperation(as(operator), { operationId, reason: 'too much load' })
  await resumeOperation(as(operator), { operationId, reason: 'no, go on' })
  await advance('running', 'paused', 'Olga')
  expect(await readOperation(database().database, operationId)).toMatchObject({ state: 'paused', intent: 'run' })
  await advance('paused', 'running', 'Olga')
  await advance('running', 'paused', null)
  expect(await readOperation(database().database, operationId)).toMatchObject({ state: 'paused', intent: 'pause' })
})

test('an operation that has not been started is cancelled at once', async () => {
  const operationId = await plannedOperation('early.DLT')
  await cancelOperation(as(operator), { operationId, reason: 'no need' })
  const row = await readOperation(database().database, operationId)
  expect(row).toMatchObject({ state: 'cancelled', stateReason: 'no need' })
  expect(row?.finishedAt).toBeInstanceOf(Date)
  await expect(cancelOperation(as(operator), { operationId, reason: 'again' })).rejects.toMatchObject({
    code: 'conflict',
  })
})

test('a move under an older fencing token does not happen', async () => {
  const operationId = await plannedOperation('fence.DLT')
  await startOperation(as(operator), { operationId, manifestHash: HASH })
  await database().database.update(operation).set({ fencingToken: 7 }).where(eq(operation.id, operationId))
  const move = { id: operationId, from: 'queued', to: 'running', actorName: 'collector', reason: null } as const
  expect(await moveOperation(database().database, { ...move, fencingToken: 6 })).toBe(false)
  expect(await moveOperation(database().database, { ...move, fencingToken: 7 })).toBe(true)
})
