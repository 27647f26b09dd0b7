import { stripVTControlCharacters } from 'node:util'
import type { PlaywrightReport, PlaywrightSuite, VitestReport } from './test-counts.ts'

/** One test that failed, or a file or run that failed outside its tests. */
export interface TestFailure {
  /** The kind of tests that it belongs to: `db`, `e2e`. */
  readonly kind: string
  /** Relative to the repository where it is inside it; empty for a whole run. */
  readonly file: string
  readonly title: string
  /** What was said about it, as the tool printed it. */
  readonly error: string
}

/** Lines of one failure, its heading included: a test that compares whole pages must not push the others away. */
const MAX_LINES = 20
const MAX_LINE_LENGTH = 300
/** With more failures than this, the later ones are only named: something general is broken then. */
const MAX_DESCRIBED = 25

/** The failed tests of a Vitest report, and the files that failed without a failed test. */
export function findVitestFailures(kind: string, root: string, report: VitestReport): TestFailure[] {
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relativeTo(root, name)
    const failed = assertionResults.filter((test) => test.status === 'failed')
    if (failed.length === 0 && status === 'failed')
      return [{ kind, file, title: 'the file itself', error: message ?? '' }]
    return failed.map((test) => ({ kind, file, title: test.fullName, error: (test.failureMessages ?? []).join('\n') }))
  })
}

/** The failed and flaky tests of a Playwright report, and what failed outside of them. */
export function findPlaywrightFailures(kind: string, report: PlaywrightReport): TestFailure[] {
  const outside = report.errors.map((error) => ({
    kind,
    file: '',
    title: 'outside the tests',
    error: error.message ?? '',
  }))
  return [...report.suites.flatMap((suite) => findSuiteFailures(kind, suite)), ...outside]
}

function findSuiteFailures(kind: string, suite: PlaywrightSuite): TestFailure[] {
  const own = suite.specs.flatMap(({ title, file, line, tests }) =>
    tests
      .filter(({ status }) => status === 'unexpected' || status === 'flaky')
      .map(({ results }) => {
        const error = results.flatMap(({ errors }) => errors.map(({ message }) => message ?? '')).join('\n')
        return { kind, file: `e2e/${file}:${line}`, title, error }
      }),
  )
  return [...own, ...(suite.suites ?? []).flatMap((inner) => findSuiteFailures(kind, inner))]
}

/** A block for the end of a run, where a log that is cut from the front still has it; empty when nothing failed. */
export function describeFailures(failures: readonly TestFailure[]): string {
  if (failures.length === 0) return ''
  const described = failures.slice(0, MAX_DESCRIBED).map((failure, at) => describeOne(failure, at + 1))
  const named = failures.slice(MAX_DESCRIBED).map((failure, at) => headingOf(failure, MAX_DESCRIBED + at + 1))
  return [`== what failed (${failures.length})`, ...described, ...named].join('\n')
}

function describeOne(failure: TestFailure, number: number): string {
  const lines = stripVTControlCharacters(failure.error)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+at .*node_modules/.test(line))
    .map((line) => `       ${line.trimEnd().slice(0, MAX_LINE_LENGTH)}`)
  const room = MAX_LINES - 1
  const shown =
    lines.length <= room ? lines : [...lines.slice(0, room - 1), `       ... ${lines.length - room + 1} more lines`]
  return [headingOf(failure, number), ...shown].join('\n')
}

const headingOf = ({ kind, file, title }: TestFailure, number: number): string =>
  `  ${number}) ${[kind, file, title].filter((part) => part !== '').join(' > ')}`

const relativeTo = (root: string, path: string): string =>
  path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path
