import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { beforeAll, expect, test } from 'vitest'
import { createApprovalSeal } from '#commands/operation/approval-seal.ts'
import { approveOperation } from '#commands/operation/approve.ts'
import { readApprovalState } from '#commands/operation/read-approval-state.ts'
import { startOperation } from '#commands/operation/start.ts'
import { setApprovalRule } from '#commands/setting/set-approval-rule.ts'
import type { Database } from '#db/client.ts'
import { person } from '#db/schema/access.ts'
import type { Actor } from '#domain/access/role.ts'
import { OPERATOR, planAsPerson, waitForState } from '#engine/engine-fixture.ts'
import { useMemoryEngine } from '#engine/memory-engine.ts'

const engine = useMemoryEngine()
const approvalSeal = createApprovalSeal('the secret of this installation')
const PAUL: Actor = { kind: 'person', id: randomUUID(), name: 'Paul', role: 'admin' }
const as = (actor: Actor) => ({ database: engine.database().database, actor, approvalSeal })

beforeAll(async () => {
  const { database } = engine.database()
  await database.insert(person).values({ id: PAUL.id, login: 'paul', name: 'Paul', role: 'admin', passwordHash: 'x' })
  await setApprovalRule(as(PAUL), { productionCount: 1, otherCount: 1, validHours: 24 })
})

/** Planned, approved and started, and stopped on its way to a collector by `meddle`. */
async function startMeddledWith(meddle: (transaction: Database, operationId: string) => Promise<unknown>) {
  const { database } = engine.database()
  const place = await engine.makePlace(3)
  const broker = engine.openBroker('log')
  engine.start({ broker, approvalSeal })
  const { operation } = await planAsPerson(database, place)
  const { planHash, need } = await readApprovalState(database, operation, approvalSeal)
  expect(need).toContain('3 messages')
  await approveOperation(as(PAUL), { operationId: operation.id, planHash, reason: 'looked at it' })
  await database.transaction(async (transaction) => {
    const start = { operationId: operation.id, manifestHash: operation.manifestHash ?? '' }
    await startOperation({ ...as(OPERATOR), database: transaction }, start)
    await meddle(transaction, operation.id)
  })
  const ended = await waitForState(database, operation.id, ['completed', 'failed', 'paused'])
  return { ...ended.operation, sent: engine.copiesAt(place.origin).length }
}

test('what was approved is sent', async () => {
  expect(await startMeddledWith(async () => undefined)).toMatchObject({ state: 'completed', sent: 3 })
})

test.each([
  ['the plan', sql`update operation set rate_per_second = 99999 where id = `],
  ['the manifest', sql`update operation_item set target_destination = 'elsewhere' where operation_id = `],
  ['the approval', sql`update operation_approval set by_name = 'Petra' where operation_id = `],
])('%s changed in the database after the approval: refused at its start, nothing is sent', async (_, change) => {
  const ended = await startMeddledWith((transaction, id) => transaction.execute(sql`${change}${id}`))
  expect(ended).toMatchObject({
    state: 'failed',
    stateReason: expect.stringContaining('refused at its start'),
    sent: 0,
  })
})
