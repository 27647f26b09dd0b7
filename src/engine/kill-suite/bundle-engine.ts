import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '../../..')
const SOURCE = join(import.meta.dirname, 'engine-process.ts')
/** Reads a file beside itself, so it stays where it is installed. */
const NOT_BUNDLED = '@platformatic/wasm-utils'

export interface EngineProgram {
  readonly file: string
  /** Where Node keeps what it compiled. */
  readonly compileCache: string
}

let bundled: Promise<EngineProgram> | undefined

/**
 * The engine's process in one file. Hundreds of processes are started to be killed, and most of what each would cost is
 * the finding and reading of some hundred modules.
 */
export function bundleEngine(): Promise<EngineProgram> {
  bundled ??= bundle()
  return bundled
}

async function bundle(): Promise<EngineProgram> {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-engine-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  const args = [SOURCE, '--platform', 'node', '--format', 'esm', '-d', folder, '--external', NOT_BUNDLED]
  await promisify(execFile)(process.execPath, [join(ROOT, 'node_modules/rolldown/bin/cli.mjs'), ...args], { cwd: ROOT })
  return { file: join(folder, 'engine-process.js'), compileCache: join(folder, 'compiled') }
}
