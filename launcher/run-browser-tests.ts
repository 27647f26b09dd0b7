import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './folders.ts'
import { readReport, type Outcome } from './read-report.ts'
import { runTool } from './run-tool.ts'
import { countPlaywright, NO_TESTS, type PlaywrightReport } from './test-counts.ts'
import { findPlaywrightFailures } from './test-failures.ts'

/** Everything in e2e/ but the photographs. */
const STORIES = ['--project', 'sign-in', '--project', 'stories']

/** Playwright's own set-up starts the installation that it drives. */
export async function runBrowserTests(filters: readonly string[]): Promise<Outcome> {
  const { findChromium } = await import('../e2e/support/find-chromium.ts')
  try {
    const path = await findChromium()
    console.log(`  Chromium: ${path}`)
    return await runPlaywright([...STORIES, ...filters], { CHROMIUM_PATH: path })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return {
      counts: { ...NO_TESTS, skipped: countBrowserTests() },
      failures: [],
      notes: [`browser tests are skipped: ${reason}`],
    }
  }
}

/** Without Chromium Playwright cannot even list them, so the calls of `test` are counted. */
function countBrowserTests(): number {
  const files = readdirSync(join(ROOT, 'e2e')).filter((file) => file.endsWith('.e2e.ts'))
  const texts = files.map((file) => readFileSync(join(ROOT, 'e2e', file), 'utf8'))
  return texts.flatMap((text) => [...text.matchAll(/^\s*test\(/gm)]).length
}

function runPlaywright(args: readonly string[], environment: Record<string, string>): Promise<Outcome> {
  return readReport<PlaywrightReport>(
    'e2e',
    (file) =>
      runTool(['playwright', 'test', '--reporter=list,json', ...args], {
        ...environment,
        PLAYWRIGHT_JSON_OUTPUT_FILE: file,
      }),
    { count: countPlaywright, find: (report) => findPlaywrightFailures('e2e', report) },
  )
}
