import { expect, test } from 'vitest'
import { listAuditEntries } from '#db/store/audit-list.ts'
import { insertAuditEntry } from '#db/store/audit-store.ts'
import { useTestDatabase } from '#db/test-database.ts'

const database = useTestDatabase()

test('the audit log is read newest first, in pages that meet, and for one target alone', async () => {
  const { database: db } = database()
  const actor = { kind: 'system', id: 'test', name: 'Test' } as const
  for (const target of ['a', 'b', 'a', 'c', 'a']) {
    await insertAuditEntry(db, { actor, verb: 'test', target, outcome: 'allowed', details: {} })
  }
  const first = await listAuditEntries(db, { target: null, limit: 3, cursor: null })
  const second = await listAuditEntries(db, { target: null, limit: 3, cursor: first.nextCursor })
  expect([...first.entries, ...second.entries].map(({ target }) => target)).toEqual(['a', 'c', 'a', 'b', 'a'])
  expect(second.nextCursor).toBeNull()
  expect((await listAuditEntries(db, { target: 'a', limit: 9, cursor: null })).entries).toHaveLength(3)
})
