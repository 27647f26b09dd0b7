import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { removeRule } from '#commands/correlation/remove-rule.ts'
import { saveRule } from '#commands/correlation/save-rule.ts'
import { auditEntry } from '#db/schema/access.ts'
import { correlationRule } from '#db/schema/correlation.ts'
import { listCorrelationRules } from '#db/store/correlation-store.ts'
import { useTestDatabase } from '#db/test-database.ts'
import type { Actor } from '#domain/access/role.ts'
import { MAX_CORRELATION_RULES } from '#domain/trace/correlation-rule.ts'

const database = useTestDatabase()
const admin: Actor = { kind: 'person', id: 'p1', name: 'Ada', role: 'admin' }
const approver: Actor = { kind: 'person', id: 'p2', name: 'Olga', role: 'approver' }
const db = () => database().database
const as = (actor: Actor) => ({ database: db(), actor })
const reason = 'orders carry it there'

const auditOf = async (ruleId: string) =>
  db()
    .select()
    .from(auditEntry)
    .where(eq(auditEntry.target, `correlation-rule:${ruleId}`))
    .orderBy(auditEntry.id)

test('a rule is made, changed and removed, and the record says what was before and after', async () => {
  const first = { system: 'kafka', destination: 'orders.*', names: ['x-order-ref'] }
  const second = { system: null, destination: 'orders.*', names: [] }
  const { id } = await saveRule(as(admin), { ruleId: null, rule: first, reason })
  expect(await listCorrelationRules(db())).toMatchObject([{ id, ...first, changedByName: 'Ada' }])
  await saveRule(as(admin), { ruleId: id, rule: second, reason: 'hub ids' })
  expect(await listCorrelationRules(db())).toMatchObject([{ id, ...second }])
  await removeRule(as(admin), { ruleId: id, reason: 'done with it' })
  expect(await listCorrelationRules(db())).toEqual([])
  expect((await auditOf(id)).map(({ verb, actorName, details }) => ({ verb, actorName, ...details }))).toMatchObject([
    { verb: 'correlation.save-rule', actorName: 'Ada', before: null, after: first, input: { reason } },
    { verb: 'correlation.save-rule', before: first, after: second, input: { reason: 'hub ids' } },
    { verb: 'correlation.remove-rule', before: second, after: null, input: { reason: 'done with it' } },
  ])
})

test('only who manages settings may, and has to say why', async () => {
  const rule = { system: null, destination: 'refused', names: ['a'] }
  await expect(saveRule(as(approver), { ruleId: null, rule, reason })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(saveRule(as(admin), { ruleId: null, rule, reason: ' ' })).rejects.toMatchObject({ code: 'invalid' })
  await expect(removeRule(as(approver), { ruleId: randomUUID(), reason })).rejects.toMatchObject({ code: 'forbidden' })
  expect(await listCorrelationRules(db())).toEqual([])
})

test('two rules for the same messages are refused, the same destination of two systems is not', async () => {
  const rule = { system: 'kafka', destination: 'payments', names: ['a'] }
  const { id } = await saveRule(as(admin), { ruleId: null, rule, reason })
  await expect(saveRule(as(admin), { ruleId: null, rule, reason })).rejects.toMatchObject({ code: 'conflict' })
  const other = await saveRule(as(admin), { ruleId: null, rule: { ...rule, system: 'rabbitmq' }, reason })
  await expect(saveRule(as(admin), { ruleId: other.id, rule, reason })).rejects.toMatchObject({ code: 'conflict' })
  await saveRule(as(admin), { ruleId: id, rule: { ...rule, names: ['b'] }, reason })
  for (const one of [id, other.id]) await removeRule(as(admin), { ruleId: one, reason })
})

test('a rule that is gone cannot be changed or removed, and there is an end to their number', async () => {
  const rule = { system: null, destination: 'late', names: ['a'] }
  await expect(saveRule(as(admin), { ruleId: randomUUID(), rule, reason })).rejects.toMatchObject({ code: 'not-found' })
  await expect(removeRule(as(admin), { ruleId: randomUUID(), reason })).rejects.toMatchObject({ code: 'not-found' })
  const many = Array.from({ length: MAX_CORRELATION_RULES }, (_, index) => ({
    destination: `d${index}`,
    names: ['a'],
    changedByName: 'Ada',
  }))
  await db().insert(correlationRule).values(many)
  await expect(saveRule(as(admin), { ruleId: null, rule, reason })).rejects.toMatchObject({ code: 'limit' })
  await db().delete(correlationRule)
})
