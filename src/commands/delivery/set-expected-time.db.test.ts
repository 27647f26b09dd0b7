import { eq } from 'drizzle-orm'
import { beforeAll, expect, test } from 'vitest'
import { setExpectedTime } from '#commands/delivery/set-expected-time.ts'
import { auditEntry } from '#db/schema/access.ts'
import { deliveryDeadline, stuckDelivery } from '#db/schema/stuck.ts'
import { listExpectedTimes } from '#db/store/expected-time-store.ts'
import { readDeadlines } from '#db/store/stuck-store.ts'
import { useTestDatabase } from '#db/test-database.ts'
import type { Actor } from '#domain/access/role.ts'

const database = useTestDatabase()
const operator: Actor = { kind: 'person', id: 'p1', name: 'Olga', role: 'operator' }
const viewer: Actor = { kind: 'person', id: 'p2', name: 'Viktor', role: 'viewer' }
const db = () => database().database
const as = (actor: Actor) => ({ database: db(), actor })
const MINUTE_MS = 60_000
const WISH = { destination: 'orders', group: 'mail', reason: 'it batches every ten minutes' }

const stuckRow = (subject: string, ageMs: number): typeof stuckDelivery.$inferInsert => ({
  clusterId: 'k1',
  groupName: 'mail',
  readFrom: 'orders',
  destination: 'orders',
  subject,
  system: 'kafka',
  senderService: 'shop',
  flowKey: subject,
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  verdict: 'waiting',
  sentence: 'waits',
  expectedMs: MINUTE_MS,
  sentAt: new Date(Date.now() - ageMs),
  newestSentAt: new Date(Date.now() - ageMs),
})

beforeAll(async () => {
  await db()
    .insert(deliveryDeadline)
    .values({ readFrom: 'orders', groupName: 'mail', learntMs: MINUTE_MS, sampleCount: 40, learntAt: new Date() })
})

test('what is set goes before what was learnt, until it is given back; what is not late then is taken off the list', async () => {
  await db()
    .insert(stuckDelivery)
    .values([stuckRow('young', 5 * MINUTE_MS), stuckRow('old', 60 * MINUTE_MS)])
  await expect(setExpectedTime(as(operator), { ...WISH, expectedMs: 15 * MINUTE_MS })).resolves.toEqual({
    inForceMs: 15 * MINUTE_MS,
    forgivenCount: 1,
  })
  expect((await readDeadlines(db())).get(JSON.stringify(['orders', 'mail']))).toBe(15 * MINUTE_MS)
  const { times } = await listExpectedTimes(db(), { search: 'ORD', group: null })
  expect(times).toMatchObject([
    {
      destination: 'orders',
      group: 'mail',
      setMs: 15 * MINUTE_MS,
      learntMs: MINUTE_MS,
      sampleCount: 40,
      stuckCount: 1,
    },
  ])
  await setExpectedTime(as(operator), { ...WISH, expectedMs: null })
  expect((await readDeadlines(db())).get(JSON.stringify(['orders', 'mail']))).toBe(MINUTE_MS)
  const records = await db()
    .select()
    .from(auditEntry)
    .where(eq(auditEntry.target, 'delivery:orders:mail'))
    .orderBy(auditEntry.id)
  expect(records.map(({ details }) => details)).toMatchObject([
    { before: { setMs: null }, after: { setMs: 15 * MINUTE_MS }, input: { reason: WISH.reason } },
    { before: { setMs: 15 * MINUTE_MS }, after: { setMs: null, inForceMs: MINUTE_MS } },
  ])
})

test('a viewer may not, a group that nobody knows cannot, and neither too short nor too long', async () => {
  const set = (actor: Actor, over: object) => setExpectedTime(as(actor), { ...WISH, expectedMs: MINUTE_MS, ...over })
  await expect(set(viewer, {})).rejects.toMatchObject({ code: 'forbidden' })
  await expect(set(operator, { group: 'nobody' })).rejects.toMatchObject({ code: 'not-found' })
  await expect(set(operator, { expectedMs: 4_000 })).rejects.toMatchObject({ code: 'invalid' })
  await expect(set(operator, { expectedMs: 49 * 60 * MINUTE_MS })).rejects.toMatchObject({ code: 'invalid' })
  await expect(set(operator, { reason: ' ' })).rejects.toMatchObject({ code: 'invalid' })
})

test('there is an end to the number of different times, not to who may have one of them', async () => {
  await db()
    .insert(deliveryDeadline)
    .values(
      Array.from({ length: 50 }, (_, index) => ({ readFrom: 'many', groupName: `g${index}`, setMs: 6_000 + index })),
    )
  await expect(setExpectedTime(as(operator), { ...WISH, expectedMs: 77_000 })).rejects.toMatchObject({ code: 'limit' })
  await expect(setExpectedTime(as(operator), { ...WISH, expectedMs: 6_001 })).resolves.toMatchObject({
    inForceMs: 6_001,
  })
})
