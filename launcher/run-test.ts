import { ROOT } from './folders.ts'
import { prepareTests } from './prepare-tests.ts'
import { readReport, type Outcome } from './read-report.ts'
import { runBrowserTests } from './run-browser-tests.ts'
import { checkAll } from './run-check.ts'
import { runTool } from './run-tool.ts'
import { parseTestArguments, type Kind } from './test-arguments.ts'
import { addCounts, countVitest, describeCounts, NO_TESTS, type VitestReport } from './test-counts.ts'
import { describeFailures, findVitestFailures, type TestFailure } from './test-failures.ts'

/**
 * Runs the asked kinds of tests (all without any), each test once, then says what failed, how long each kind took and,
 * alone on the last line, how many passed, failed and were skipped. Words after `--` narrow the files.
 */
export async function runTest(args: readonly string[]): Promise<number> {
  const { kinds, filters, mayInstall } = parseTestArguments(args)
  const notes = await prepareTests(kinds, mayInstall)
  for (const note of notes) console.log(`  ${note}`)
  const summary: string[] = []
  const failures: TestFailure[] = []
  let total = NO_TESTS
  for (const kind of kinds) {
    const startedMs = performance.now()
    console.log(`\n== ${kind}`)
    const outcome = await runKind(kind, filters)
    notes.push(...outcome.notes)
    failures.push(...outcome.failures)
    total = addCounts(total, outcome.counts)
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1)
    summary.push(`  ${kind.padEnd(10)} ${describeCounts(outcome.counts).padEnd(36)} ${seconds.padStart(6)} s`)
  }
  // Logs of CI are cut from the front: what failed has to stand at the very end.
  if (failures.length > 0) console.log(`\n${describeFailures(failures)}`)
  console.log(`\n${summary.join('\n')}`)
  for (const note of notes) console.log(`  note: ${note}`)
  console.log(describeCounts(total))
  return total.failed === 0 ? 0 : 1
}

async function runKind(kind: Kind, filters: readonly string[]): Promise<Outcome> {
  if (kind === 'check') return runChecks()
  if (kind === 'e2e') return runBrowserTests(filters)
  return runVitest(kind, filters)
}

async function runChecks(): Promise<Outcome> {
  const results = await checkAll()
  const failed = results.filter((result) => !result.isPassed)
  return {
    counts: { passed: results.length - failed.length, failed: failed.length, skipped: 0 },
    failures: failed.map(({ name, output }) => ({ kind: 'check', file: '', title: name, error: output })),
    notes: [],
  }
}

function runVitest(kind: Kind, filters: readonly string[]): Promise<Outcome> {
  return readReport<VitestReport>(
    kind,
    (file) => {
      const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
      return runTool(['vitest', 'run', '--project', kind, '--passWithNoTests', ...reporters, ...filters], {})
    },
    { count: countVitest, find: (report) => findVitestFailures(kind, ROOT, report) },
  )
}
