import { randomUUID } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { planRedrive } from '#commands/dead-letter/plan-redrive.ts'
import { approveOperation } from '#commands/operation/approve.ts'
import { createApprovalSeal } from '#commands/operation/approval-seal.ts'
import { readApprovalState } from '#commands/operation/read-approval-state.ts'
import { startOperation } from '#commands/operation/start.ts'
import { setApprovalRule } from '#commands/setting/set-approval-rule.ts'
import { auditEntry, person } from '#db/schema/access.ts'
import { cluster } from '#db/schema/cluster.ts'
import { operation } from '#db/schema/operation.ts'
import { ageApprovals } from '#db/store/approval-store.ts'
import { moveOperation, readOperation } from '#db/store/operation-store.ts'
import { listTransitions } from '#db/store/operation-view-store.ts'
import { useTestDatabase } from '#db/test-database.ts'
import type { Actor, Role } from '#domain/access/role.ts'

const database = useTestDatabase()
const HASH = 'a'.repeat(64)
const asRole = (name: string, role: Role): Actor => ({ kind: 'person', id: randomUUID(), name, role })
const asker = asRole('Olga', 'admin')
const second = asRole('Paul', 'approver')
const approvalSeal = createApprovalSeal('the secret of this installation')
const as = (actor: Actor) => ({ database: database().database, actor, approvalSeal })
const start = (operationId: string) => startOperation(as(asker), { operationId, manifestHash: HASH })

beforeAll(async () => {
  await database()
    .database.insert(cluster)
    .values([
      { id: 'live', kind: 'kafka', name: 'L', environment: 'production', configuration: {} },
      { id: 'dev', kind: 'kafka', name: 'D', environment: 'development', configuration: {} },
    ])
  await addPerson(asker)
})

beforeEach(() => database().database.delete(person).where(eq(person.login, 'Paul')))

async function addPerson(actor: Actor): Promise<void> {
  if (actor.kind !== 'person') return
  const { id, name, role } = actor
  await database().database.insert(person).values({ id, login: name, name, role, passwordHash: 'x' })
}

async function planned(count: number, clusterId = 'live'): Promise<string> {
  const { operationId } = await planRedrive(as(asker), {
    requestKey: randomUUID(),
    clusterId,
    source: `orders-${randomUUID()}.DLT`,
    selection: { fingerprint: 'f' },
    reason: 'bug fixed',
  })
  await database().database.execute(sql`
    update operation set manifest_hash = ${HASH}, item_count = ${count},
      plan = ${JSON.stringify({ sendCount: count })}::jsonb where id = ${operationId}`)
  const { database: db } = database()
  await moveOperation(db, { id: operationId, from: 'planning', to: 'planned', actorName: 'collector', reason: null })
  return operationId
}

async function stateOf(operationId: string) {
  const row = await readOperation(database().database, operationId)
  if (row === null) throw new Error('no such operation')
  return readApprovalState(database().database, row, approvalSeal)
}

const approve = async (actor: Actor, operationId: string, planHash?: string) =>
  approveOperation(as(actor), {
    operationId,
    planHash: planHash ?? (await stateOf(operationId)).planHash,
    reason: 'looked at it',
  })

test('a large plan in production starts only after somebody else has approved it, and the record says who', async () => {
  await addPerson(second)
  const id = await planned(1_001)
  await expect(start(id)).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('1,001 messages'),
  })
  await approve(second, id)
  await approve(second, id)
  expect(await start(id)).toEqual({ state: 'queued' })
  const moves = await listTransitions(database().database, id)
  expect(moves.map((move) => [move.toState, move.actorName])).toEqual([
    ['planned', 'collector'],
    ['approved', 'Paul'],
    ['queued', 'Olga'],
  ])
  const rows = await database()
    .database.select()
    .from(auditEntry)
    .where(eq(auditEntry.target, `operation:${id}`))
  expect(rows.map((row) => row.verb)).toEqual(expect.arrayContaining(['operation.approve', 'operation.start']))
  expect(JSON.stringify(rows.find((row) => row.verb === 'operation.start')?.details)).toContain('by Paul')
})

test('whoever asked cannot approve, whatever the role; an operator cannot either', async () => {
  await addPerson(second)
  const id = await planned(5_000)
  await expect(approve(asker, id)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(approve(asRole('Otto', 'operator'), id)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(start(id)).rejects.toMatchObject({ code: 'conflict' })
})

test('an approval is void when the plan is another one than was approved', async () => {
  await addPerson(second)
  const id = await planned(2_000)
  const { planHash } = await stateOf(id)
  await approve(second, id)
  await database().database.update(operation).set({ ratePerSecond: 99_999 }).where(eq(operation.id, id))
  expect((await stateOf(id)).approval).toBeNull()
  await expect(start(id)).rejects.toMatchObject({ code: 'conflict' })
  await expect(approve(second, id, planHash)).rejects.toMatchObject({ code: 'conflict' })
})

test('small plans and rehearsals need no second person; where nobody else may approve, none is waited for', async () => {
  await addPerson(second)
  expect(await start(await planned(1_000))).toEqual({ state: 'queued' })
  expect(await start(await planned(10_000, 'dev'))).toEqual({ state: 'queued' })
  await database().database.delete(person).where(eq(person.login, 'Paul'))
  const alone = await planned(20_000)
  expect(await stateOf(alone)).toMatchObject({ hasApprover: false, approval: null })
  expect(await start(alone)).toEqual({ state: 'queued' })
  const [row] = await database()
    .database.select()
    .from(auditEntry)
    .where(sql`${auditEntry.target} = ${`operation:${alone}`} and ${auditEntry.verb} = 'operation.start'`)
  expect(JSON.stringify(row?.details)).toContain('nobody else may approve')
})

test('what is under way cannot be approved any more', async () => {
  const id = await planned(3)
  await start(id)
  await expect(approve(second, id)).rejects.toMatchObject({ code: 'conflict' })
})

test('an approval that was written or changed by hand in the database is none, and neither is one of another secret', async () => {
  await addPerson(second)
  const forged = await planned(2_000)
  const { planHash } = await stateOf(forged)
  await database().database.execute(sql`
    insert into operation_approval (operation_id, plan_hash, by_id, by_name, reason, signature)
    values (${forged}, ${planHash}, 'p9', 'Paul', 'looked at it', ${'ab'.repeat(32)})`)
  expect(await stateOf(forged)).toMatchObject({ approval: null, problem: expect.stringContaining('signature') })
  await expect(start(forged)).rejects.toMatchObject({ code: 'conflict' })
  const changed = await planned(2_000)
  await approve(second, changed)
  await database().database.execute(
    sql`update operation_approval set at = at + interval '1 day' where operation_id = ${changed}`,
  )
  await expect(start(changed)).rejects.toMatchObject({ code: 'conflict' })
  const other = await planned(2_000)
  const foreign = { ...as(second), approvalSeal: createApprovalSeal('the secret of another installation') }
  await approveOperation(foreign, { operationId: other, planHash: (await stateOf(other)).planHash, reason: 'yes' })
  await expect(start(other)).rejects.toMatchObject({ code: 'conflict' })
})

test('an approval expires, also by the monotonic clock alone, and can be given again', async () => {
  await addPerson(second)
  const id = await planned(2_000)
  await approve(second, id)
  await ageApprovals(database().database, 23 * 3_600_000)
  expect((await stateOf(id)).approval).toMatchObject({ byName: 'Paul' })
  await ageApprovals(database().database, 3_600_000)
  expect(await stateOf(id)).toMatchObject({ approval: null, problem: expect.stringContaining('expired') })
  await expect(start(id)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('expired') })
  await approve(second, id)
  expect(await start(id)).toEqual({ state: 'queued' })
})

test('an administrator sets from how many messages on a second person is needed, and the record says what it was', async () => {
  await addPerson(second)
  const rule = { productionCount: 5, otherCount: 7, validHours: 2 }
  await expect(setApprovalRule(as(second), rule)).rejects.toMatchObject({ code: 'forbidden' })
  await setApprovalRule(as(asker), rule)
  try {
    expect(await stateOf(await planned(6))).toMatchObject({
      need: expect.stringContaining('more than 5'),
      validHours: 2,
    })
    expect(await stateOf(await planned(7, 'dev'))).toMatchObject({ need: null })
    const rows = await database()
      .database.select()
      .from(auditEntry)
      .where(sql`${auditEntry.verb} = 'setting.set-approval-rule' and ${auditEntry.outcome} = 'allowed'`)
    expect(rows[0]?.details).toMatchObject({ input: rule, before: { productionCount: 1_000 } })
  } finally {
    await setApprovalRule(as(asker), { productionCount: 1_000, otherCount: 10_000, validHours: 24 })
  }
})
