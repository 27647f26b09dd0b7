import { join } from 'node:path'

/** The verbs of the npm scripts. Each lives in its own file and loads only when asked for. */
const VERBS: Record<string, (args: readonly string[]) => Promise<number>> = {
  check: async (args) => (await import('./run-check.ts')).runCheck(args),
}

/** Runs one verb; its number becomes the exit code. */
async function main([verb = '', ...args]: readonly string[]): Promise<number> {
  const run = VERBS[verb]
  if (run === undefined) {
    console.error(`unknown verb "${verb}"; there are: ${Object.keys(VERBS).join(', ')}`)
    return 2
  }
  return run(args)
}

process.chdir(join(import.meta.dirname, '..'))
// Exit by hand: a verb that is done must not be held open by a keep-alive socket of a child it has ended.
process.exit(await main(process.argv.slice(2)))
