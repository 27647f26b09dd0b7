import { expect, test } from 'vitest'
import { describeFailures, findPlaywrightFailures, findVitestFailures, type TestFailure } from './test-failures.ts'

const failure = (title: string, error: string): TestFailure => ({ kind: 'db', file: 'src/a.db.test.ts', title, error })

test('a failed test is named by kind, file and title, with the first line of its error', () => {
  const failed = { status: 'failed', fullName: 'it rains', failureMessages: ['AssertionError: dry\n    at a.ts:1:2'] }
  const passed = { status: 'passed', fullName: 'the sun shines' }
  const file = { name: '/here/src/a.test.ts', status: 'failed', assertionResults: [passed, failed] }
  const failures = findVitestFailures('unit', '/here', { testResults: [file] })
  const block = describeFailures(failures)
  expect(block).toContain('1) unit > src/a.test.ts > it rains\n       AssertionError: dry')
  expect(block).not.toContain('the sun shines')
})

test('a file that does not load is named with its reason', () => {
  const file = { name: '/here/src/a.test.ts', status: 'failed', message: 'Cannot find module', assertionResults: [] }
  const failures = findVitestFailures('unit', '/here', { testResults: [file] })
  expect(describeFailures(failures)).toContain('unit > src/a.test.ts > the file itself\n       Cannot find module')
})

test('browser tests are found in nested suites, the flaky ones and what failed outside of them too', () => {
  const spec = (title: string, status: string) => ({
    title,
    file: 'a.e2e.ts',
    line: 7,
    tests: [{ status, results: [{ errors: [{ message: `Error: ${title} broke` }] }] }],
  })
  const inner = { specs: [spec('inner', 'flaky')] }
  const report = {
    stats: { expected: 1, unexpected: 1, flaky: 1, skipped: 0 },
    suites: [{ specs: [spec('outer', 'unexpected'), spec('fine', 'expected')], suites: [inner] }],
    errors: [{ message: 'the instance does not start' }],
  }
  expect(findPlaywrightFailures('e2e', report).map(({ file, title, error }) => [file, title, error])).toEqual([
    ['e2e/a.e2e.ts:7', 'outer', 'Error: outer broke'],
    ['e2e/a.e2e.ts:7', 'inner', 'Error: inner broke'],
    ['', 'outside the tests', 'the instance does not start'],
  ])
})

test('one long failure takes 20 lines and says how many it left out', () => {
  const long = Array.from({ length: 100 }, (_, line) => `line ${line}`).join('\n')
  const lines = describeFailures([failure('long', long)])
    .split('\n')
    .slice(1)
  expect(lines).toHaveLength(20)
  expect(lines.at(-1)).toContain('82 more lines')
})

test('colours, blank lines and frames of dependencies are left out', () => {
  const error =
    '\u001B[31mred\u001B[39m\n\n    at x (/here/node_modules/vitest/a.js:1:1)\n    at y (/here/src/a.ts:2:2)'
  expect(
    describeFailures([failure('coloured', error)])
      .split('\n')
      .slice(2),
  ).toEqual(['       red', '           at y (/here/src/a.ts:2:2)'])
})

test('hundreds of failures are all named, the first of them described', () => {
  const block = describeFailures(Array.from({ length: 300 }, (_, at) => failure(`number ${at}`, 'one\ntwo\nthree')))
  expect(block).toContain('number 299')
  expect(block.split('\n').length).toBeLessThan(400)
})

test('without a failure there is no block', () => {
  expect(describeFailures([])).toBe('')
})
