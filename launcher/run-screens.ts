import { readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { screensEnvironment, type ScreensOrder } from '../e2e/support/screens-order.ts'
import { ROOT } from './folders.ts'
import { runTool } from './run-tool.ts'
import { Trouble } from './trouble.ts'

const FOLDER = join(ROOT, 'e2e')
const USAGE = 'npm run screens -- [--only NAME]... [--out DIR]'

/**
 * Drives the demo through its story in Chromium and writes every page and state to docs/screens/. `--only` takes the named
 * pictures and ends the story after the last of them; `--out` writes them elsewhere.
 */
export async function runScreens(args: readonly string[]): Promise<number> {
  const order = parseOrder(args)
  const names = listNames()
  const unknown = order.only.filter((name) => !names.includes(name))
  if (unknown.length > 0) {
    throw new Trouble(`there is no picture "${unknown.join('", "')}"`, `choose from: ${names.join(', ')}`)
  }
  return runTool(['playwright', 'test', '--reporter=list', '--project', 'screens'], screensEnvironment(order))
}

function parseOrder(args: readonly string[]): ScreensOrder {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { only: { type: 'string', multiple: true, default: [] }, out: { type: 'string' } },
    })
    return { only: values.only, folder: resolve(ROOT, values.out ?? join('docs', 'screens')) }
  } catch (cause) {
    throw new Trouble(cause instanceof Error ? cause.message : String(cause), `use: ${USAGE}`, { cause })
  }
}

/** Every name that the story photographs under: in a call, or in a list of pages. */
function listNames(): string[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.screens.ts'))
  const texts = files.map((file) => readFileSync(join(FOLDER, file), 'utf8'))
  return texts.flatMap((text) =>
    [...text.matchAll(/(?:photograph\(\w+, |^ {2}\[)'([\w-]+)'/gm)].map((match) => match[1] ?? ''),
  )
}
