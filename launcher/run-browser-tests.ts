import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { BARE_STORIES, roundEnvironment, type Round } from '../e2e/support/round.ts'
import { ROOT } from './folders.ts'
import { readReport, type Outcome } from './read-report.ts'
import { runTool } from './run-tool.ts'
import { addCounts, countPlaywright, NO_TESTS, type PlaywrightReport } from './test-counts.ts'
import { findPlaywrightFailures } from './test-failures.ts'

/** Everything in e2e/ but the photographs. Stands last: `--project` takes every word that follows it. */
const STORIES = ['--project', 'sign-in', '--project', 'stories']

/**
 * The stories on the best broker of this machine, then the main ones again as on a machine that has nothing but Node.
 * Playwright's own set-up starts the installation that each round drives.
 */
export async function runBrowserTests(filters: readonly string[]): Promise<Outcome> {
  const { findChromium } = await import('../e2e/support/find-chromium.ts')
  let path: string
  try {
    path = await findChromium()
  } catch {
    // Why there is none stands among the notes already: prepare-tests.ts looked for it.
    return { counts: { ...NO_TESTS, skipped: countBrowserTests() }, failures: [], notes: [] }
  }
  console.log(`  Chromium: ${path}`)
  const usual = await runPlaywright('usual', path, filters)
  if (!isBareRoundWanted(filters)) return usual
  console.log('\n== e2e with nothing but Node')
  const bare = await runPlaywright('bare', path, filters)
  return {
    counts: addCounts(usual.counts, bare.counts),
    failures: [...usual.failures, ...bare.failures],
    notes: [...usual.notes, ...bare.notes],
  }
}

const isBareRoundWanted = (filters: readonly string[]): boolean =>
  filters.length === 0 || BARE_STORIES.some((file) => filters.some((filter) => file.includes(filter)))

/** Without Chromium Playwright cannot even list them, so the calls of `test` are counted. */
function countBrowserTests(): number {
  const files = readdirSync(join(ROOT, 'e2e')).filter((file) => file.endsWith('.e2e.ts'))
  const texts = [...files, ...BARE_STORIES].map((file) => readFileSync(join(ROOT, 'e2e', file), 'utf8'))
  return texts.flatMap((text) => [...text.matchAll(/^\s*test\(/gm)]).length
}

function runPlaywright(round: Round, chromiumPath: string, filters: readonly string[]): Promise<Outcome> {
  const kind = round === 'usual' ? 'e2e' : 'e2e with nothing but Node'
  return readReport<PlaywrightReport>(
    kind,
    (file) =>
      runTool(['playwright', 'test', ...filters, '--reporter=list,json', ...STORIES], {
        ...roundEnvironment(round),
        CHROMIUM_PATH: chromiumPath,
        PLAYWRIGHT_JSON_OUTPUT_FILE: file,
      }),
    { count: countPlaywright, find: (report) => findPlaywrightFailures(kind, report) },
  )
}
