import { expect, test } from 'vitest'
import { findMigrationProblems } from './migrations.ts'

const entries = [
  { when: 1, tag: 'first' },
  { when: 2, tag: 'second' },
]

test('a journal in order with its files is fine', () => {
  expect(findMigrationProblems({ entries }, ['first.sql', 'second.sql'])).toEqual([])
})

test('an entry that is not later than the one before it is a problem', () => {
  const same = entries.map((entry) => ({ ...entry, when: 5 }))
  expect(findMigrationProblems({ entries: same }, ['first.sql', 'second.sql'])).toHaveLength(1)
})

test('a file without an entry and an entry without a file are problems', () => {
  expect(findMigrationProblems({ entries }, ['first.sql', 'third.sql'])).toEqual([
    'drizzle/third.sql is not in the journal',
    'drizzle/second.sql is in the journal and missing',
  ])
})
