import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './folders.ts'
import { runTool } from './run-tool.ts'
import { Trouble } from './trouble.ts'

/** Drives the demo through its story in Chromium and writes every page and state to docs/screens/. */
export async function runScreens(args: readonly string[]): Promise<number> {
  if (!readdirSync(join(ROOT, 'e2e')).some((file) => file.endsWith('.screens.ts'))) {
    throw new Trouble('there is no e2e/*.screens.ts', 'check out the whole repository')
  }
  return runTool(['playwright', 'test', '--reporter=list', '--project', 'screens', ...args], {})
}
