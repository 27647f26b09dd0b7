import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NO_TESTS, orFailedRun, type Counts } from './test-counts.ts'
import type { TestFailure } from './test-failures.ts'

/** What one kind of tests came to. */
export interface Outcome {
  readonly counts: Counts
  readonly failures: readonly TestFailure[]
  /** Why something was left out, for the summary. */
  readonly notes: readonly string[]
}

/**
 * Lets a tool write its JSON report into a temporary file and reads it. `run` answers the tool's exit code. A tool that
 * ends badly without a failed test, or without a report, has failed outside its tests.
 */
export async function readReport<Report>(
  kind: string,
  run: (file: string) => Promise<number>,
  read: { readonly count: (report: Report) => Counts; readonly find: (report: Report) => readonly TestFailure[] },
): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-report-'))
  try {
    const file = join(folder, 'report.json')
    const code = await run(file)
    const report: Report | null = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null
    const counts = orFailedRun(report === null ? NO_TESTS : read.count(report), code)
    const found = report === null ? [] : read.find(report)
    const unexplained = counts.failed > 0 && found.length === 0
    const error = `it ended with code ${code}${report === null ? ' and wrote no report' : ''}; its own output is above`
    return {
      counts,
      failures: unexplained ? [{ kind, file: '', title: 'outside the tests', error }] : found,
      notes: [],
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
