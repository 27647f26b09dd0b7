import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { auditEntry } from '#db/schema/access.ts'
import { lease } from '#db/schema/cluster.ts'
import { useTestDatabase } from '#db/test-database.ts'
import type { Actor } from '#domain/access/role.ts'

const database = useTestDatabase()
const operator: Actor = { kind: 'person', id: 'p1', name: 'Olga', role: 'operator' }
const viewer: Actor = { kind: 'person', id: 'p2', name: 'Viktor', role: 'viewer' }

const takeLease = defineCommand({
  name: 'test.take-lease',
  permission: 'operation:run',
  input: z.object({ name: z.string().min(1), isFaulty: z.boolean().default(false) }),
  run: async ({ database: transaction }, input) => {
    await transaction.insert(lease).values({ name: input.name, holder: 'me', fencingToken: 1, expiresAt: new Date(0) })
    if (input.isFaulty) throw new Error('broken half-way')
    return { result: input.name, target: `lease:${input.name}` }
  },
})

const rowsOf = async (verb: string) => database().database.select().from(auditEntry).where(eq(auditEntry.verb, verb))

test('a verb that succeeds leaves its effect and its audit row together', async () => {
  await expect(takeLease({ database: database().database, actor: operator }, { name: 'a' })).resolves.toBe('a')
  expect(await rowsOf('test.take-lease')).toMatchObject([{ actorName: 'Olga', outcome: 'allowed', target: 'lease:a' }])
})

test('a verb that throws leaves neither', async () => {
  const before = (await rowsOf('test.take-lease')).length
  await expect(
    takeLease({ database: database().database, actor: operator }, { name: 'b', isFaulty: true }),
  ).rejects.toThrow('broken half-way')
  expect(await database().database.select().from(lease).where(eq(lease.name, 'b'))).toEqual([])
  expect(await rowsOf('test.take-lease')).toHaveLength(before)
})

test('one who may not is refused before the input is read, and the refusal is on record', async () => {
  await expect(takeLease({ database: database().database, actor: viewer }, { name: '' })).rejects.toMatchObject({
    code: 'forbidden',
  })
  expect((await rowsOf('test.take-lease')).at(-1)).toMatchObject({ actorName: 'Viktor', outcome: 'denied' })
})

test('the audit log refuses change', async () => {
  await expect(database().pool.query('update audit_entry set actor_name = $1', ['nobody'])).rejects.toThrow(
    'append only',
  )
  await expect(database().pool.query('delete from audit_entry')).rejects.toThrow('append only')
})
