import { expect, test } from 'vitest'
import { retainControlRows } from '#db/store/retention-store.ts'
import { useTestDatabase } from '#db/test-database.ts'

const database = useTestDatabase()

test('what is past its age goes, what is not stays', async () => {
  const { pool } = database()
  await pool.query(
    `insert into login_attempt (subject, attempted_at) values ('old', now() - interval '25 hours'), ('new', now())`,
  )
  await pool.query(
    `insert into poll_cycle (cluster_id, kind, started_at, duration_ms, outcome, item_count)
     values ('c', 'lag', now() - interval '2 days', 1, 'ok', 1)`,
  )
  expect(await retainControlRows(database().database)).toMatchObject({ login_attempt: 1, poll_cycle: 1, session: 0 })
  const left = await pool.query('select subject from login_attempt')
  expect(left.rows).toEqual([{ subject: 'new' }])
})
