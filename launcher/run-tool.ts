import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from './folders.ts'

/** Runs a tool of node_modules with its output shown; answers its exit code. */
export function runTool(
  [name = '', ...args]: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(ROOT, 'node_modules', '.bin', name), args, {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...environment },
    })
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
}
