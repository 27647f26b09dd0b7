import { expect, test } from 'vitest'
import { countPlaywright, countVitest, describeCounts, orFailedRun } from './test-counts.ts'

test('each test counts once, by how it ended', () => {
  const tests = ['passed', 'passed', 'failed', 'skipped', 'pending', 'todo'].map((status) => ({
    status,
    fullName: status,
  }))
  const file = { name: 'a.test.ts', status: 'failed', assertionResults: tests }
  expect(describeCounts(countVitest({ testResults: [file] }))).toBe('2 passed, 1 failed, 3 skipped')
})

test('a file that does not load is a failure, although no test of it failed', () => {
  const file = { name: 'a.test.ts', status: 'failed', assertionResults: [] }
  expect(countVitest({ testResults: [file] }).failed).toBe(1)
})

test('a flaky browser test counts as failed', () => {
  const stats = { expected: 3, unexpected: 0, flaky: 1, skipped: 2 }
  expect(countPlaywright({ stats, suites: [], errors: [] })).toEqual({ passed: 3, failed: 1, skipped: 2 })
})

test('a run that ends badly without a failed test is a failure', () => {
  expect(orFailedRun({ passed: 5, failed: 0, skipped: 0 }, 1).failed).toBe(1)
  expect(orFailedRun({ passed: 5, failed: 2, skipped: 0 }, 1).failed).toBe(2)
})
