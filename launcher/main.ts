import { join } from 'node:path'
import { Trouble } from './trouble.ts'

/** The verbs of the npm scripts. Each lives in its own file and loads only when asked for. */
const VERBS: Record<string, (args: readonly string[]) => Promise<number>> = {
  start: async (args) => (await import('./start.ts')).runStart('start', args),
  dev: async (args) => (await import('./start.ts')).runStart('dev', args),
  demo: async () => (await import('./run-demo.ts')).runDemo(),
  test: async (args) => (await import('./run-test.ts')).runTest(args),
  bench: async (args) => (await import('./run-bench.ts')).runBench(args),
  screens: async (args) => (await import('./run-screens.ts')).runScreens(args),
  check: async (args) => (await import('./run-check.ts')).runCheck(args),
}

/** Runs one verb; its number becomes the exit code. */
async function main([verb = '', ...args]: readonly string[]): Promise<number> {
  const run = VERBS[verb]
  if (run === undefined) {
    console.error(`unknown verb "${verb}"; there are: ${Object.keys(VERBS).join(', ')}`)
    return 2
  }
  try {
    return await run(args)
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    console.error(`\n  ${error.message}\n  What to do: ${error.remedy}\n`)
    return 1
  }
}

process.chdir(join(import.meta.dirname, '..'))
// Exit by hand: a verb that is done must not be held open by a keep-alive socket of a child it has ended.
process.exit(await main(process.argv.slice(2)))
