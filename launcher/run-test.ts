import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './folders.ts'
import { installKafkaNeeds } from './install-missing.ts'
import { checkAll } from './run-check.ts'
import { runTool } from './run-tool.ts'
import { canRunKafka } from './servers/kafka-installation.ts'
import {
  addCounts,
  countPlaywright,
  countVitest,
  describeCounts,
  NO_TESTS,
  orFailedRun,
  type Counts,
  type PlaywrightReport,
  type VitestReport,
} from './test-counts.ts'
import { Trouble } from './trouble.ts'

/** In the order in which they run: what fails soonest comes first. */
const KINDS = ['check', 'unit', 'dom', 'db', 'contract', 'start', 'e2e'] as const
type Kind = (typeof KINDS)[number]

interface Outcome {
  readonly counts: Counts
  /** Why something was left out, for the summary. */
  readonly notes: readonly string[]
}

/**
 * Runs the asked kinds of tests (all without any), then says how many passed, failed and were skipped, alone on the last
 * line. Words after `--` narrow the files.
 */
export async function runTest(args: readonly string[]): Promise<number> {
  const { kinds, filters, mayInstall } = parseTestArguments(args)
  const notes = kinds.some((kind) => ['contract', 'start', 'e2e'].includes(kind)) ? prepareKafka(mayInstall) : []
  const summary: string[] = []
  let total = NO_TESTS
  for (const kind of kinds) {
    const startedMs = performance.now()
    console.log(`\n== ${kind}`)
    const outcome = await runKind(kind, filters)
    notes.push(...outcome.notes)
    total = addCounts(total, outcome.counts)
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1)
    summary.push(`  ${kind.padEnd(10)} ${describeCounts(outcome.counts).padEnd(36)} ${seconds.padStart(6)} s`)
  }
  console.log(`\n${summary.join('\n')}`)
  for (const note of notes) console.log(`  note: ${note}`)
  console.log(describeCounts(total))
  return total.failed === 0 ? 0 : 1
}

function parseTestArguments(args: readonly string[]): {
  kinds: readonly Kind[]
  filters: string[]
  mayInstall: boolean
} {
  const words = args.filter((arg) => !arg.startsWith('--'))
  const kinds = KINDS.filter((kind) => words.includes(kind))
  const filters = words.filter((word) => !KINDS.some((kind) => kind === word))
  const unknown = args.filter((arg) => arg.startsWith('--') && !['--', '--no-install'].includes(arg))
  if (unknown.length > 0 || (filters.length > 0 && kinds.length === 0)) {
    const wrong = [...unknown, ...(kinds.length === 0 ? filters : [])].join(' ')
    throw new Trouble(
      `there is no "${wrong}"`,
      `use: npm test -- [--no-install] [${KINDS.join('] [')}] [part of a file name]`,
    )
  }
  return { kinds: kinds.length === 0 ? KINDS : kinds, filters, mayInstall: !args.includes('--no-install') }
}

function prepareKafka(mayInstall: boolean): string[] {
  const before = canRunKafka()
  if (before.ok) return []
  const did = mayInstall ? installKafkaNeeds() : 'not installed because of --no-install'
  const after = canRunKafka()
  return after.ok ? [did] : [`tests on Kafka are skipped: ${after.reason}; ${did}`]
}

async function runKind(kind: Kind, filters: readonly string[]): Promise<Outcome> {
  if (kind === 'check') return runChecks()
  if (kind === 'e2e') return runBrowserTests(filters)
  return runVitest(kind, filters)
}

async function runChecks(): Promise<Outcome> {
  const results = await checkAll()
  const passed = results.filter((result) => result.isPassed).length
  return { counts: { passed, failed: results.length - passed, skipped: 0 }, notes: [] }
}

async function runVitest(kind: Kind, filters: readonly string[]): Promise<Outcome> {
  return withReportFile(async (file) => {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const code = await runTool(['vitest', 'run', '--project', kind, '--passWithNoTests', ...reporters, ...filters], {})
    const report: VitestReport | null = readReport(file)
    return { counts: orFailedRun(report === null ? NO_TESTS : countVitest(report), code), notes: [] }
  })
}

/** Everything in e2e/ but the photographs. */
const STORIES = ['--project', 'sign-in', '--project', 'stories']

/** Playwright's own set-up starts the installation that it drives. */
async function runBrowserTests(filters: readonly string[]): Promise<Outcome> {
  const { findChromium } = await import('../e2e/support/find-chromium.ts')
  try {
    const path = await findChromium()
    console.log(`  Chromium: ${path}`)
    return { counts: await runPlaywright([...STORIES, ...filters], { CHROMIUM_PATH: path }), notes: [] }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { counts: { ...NO_TESTS, skipped: countBrowserTests() }, notes: [`browser tests are skipped: ${reason}`] }
  }
}

/** Without Chromium Playwright cannot even list them, so the calls of `test` are counted. */
function countBrowserTests(): number {
  const files = readdirSync(join(ROOT, 'e2e')).filter((file) => file.endsWith('.e2e.ts'))
  const texts = files.map((file) => readFileSync(join(ROOT, 'e2e', file), 'utf8'))
  return texts.flatMap((text) => [...text.matchAll(/^\s*test\(/gm)]).length
}

async function runPlaywright(args: readonly string[], environment: Record<string, string>): Promise<Counts> {
  return withReportFile(async (file) => {
    const reporters = { PLAYWRIGHT_JSON_OUTPUT_FILE: file }
    const code = await runTool(['playwright', 'test', '--reporter=list,json', ...args], {
      ...environment,
      ...reporters,
    })
    const report: PlaywrightReport | null = readReport(file)
    return orFailedRun(report === null ? NO_TESTS : countPlaywright(report), code)
  })
}

async function withReportFile<Result>(work: (file: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-report-'))
  try {
    return await work(join(folder, 'report.json'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const readReport = (file: string) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null)
