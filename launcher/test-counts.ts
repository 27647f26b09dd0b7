/** How many tests ended how. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export const NO_TESTS: Counts = { passed: 0, failed: 0, skipped: 0 }

/** The parts of Vitest's JSON report that are read. */
export interface VitestReport {
  readonly testResults: readonly {
    /** The path of the file. */
    readonly name: string
    readonly status: string
    /** Why the file failed, where none of its tests did. */
    readonly message?: string
    readonly assertionResults: readonly {
      readonly status: string
      readonly fullName: string
      readonly failureMessages?: readonly string[] | null
    }[]
  }[]
}

export interface PlaywrightSuite {
  readonly specs: readonly {
    readonly title: string
    /** Relative to e2e/. */
    readonly file: string
    readonly line: number
    readonly tests: readonly {
      readonly status: string
      readonly results: readonly { readonly errors: readonly { readonly message?: string }[] }[]
    }[]
  }[]
  readonly suites?: readonly PlaywrightSuite[]
}

/** The parts of Playwright's JSON report that are read. */
export interface PlaywrightReport {
  readonly suites: readonly PlaywrightSuite[]
  readonly stats: {
    readonly expected: number
    readonly unexpected: number
    readonly flaky: number
    readonly skipped: number
  }
  /** What failed outside the tests: set-up, a file that does not load. */
  readonly errors: readonly { readonly message?: string }[]
}

export const addCounts = (left: Counts, right: Counts): Counts => ({
  passed: left.passed + right.passed,
  failed: left.failed + right.failed,
  skipped: left.skipped + right.skipped,
})

/** Counts tests; a file that fails without a failed test (it does not load, its set-up throws) is one failure. */
export function countVitest(report: VitestReport): Counts {
  return report.testResults.map(countFile).reduce(addCounts, NO_TESTS)
}

function countFile(file: VitestReport['testResults'][number]): Counts {
  const count = (statuses: readonly string[]): number =>
    file.assertionResults.filter((test) => statuses.includes(test.status)).length
  const failed = count(['failed'])
  return {
    passed: count(['passed']),
    failed: failed === 0 && file.status === 'failed' ? 1 : failed,
    skipped: count(['skipped', 'pending', 'todo', 'disabled']),
  }
}

/** A flaky test is a failed one: it has failed. */
export function countPlaywright(report: PlaywrightReport): Counts {
  return {
    passed: report.stats.expected,
    failed: report.stats.unexpected + report.stats.flaky + report.errors.length,
    skipped: report.stats.skipped,
  }
}

/** A run that ended badly and counts no failure failed outside its tests. */
export const orFailedRun = (counts: Counts, exitCode: number): Counts =>
  exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts

/** The last line of every test run. */
export const describeCounts = (counts: Counts): string =>
  `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`
