import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastLines, turnLog } from './child-process.ts'
import { ROOT } from './folders.ts'
import { guardedCommand } from './servers/guarded-command.ts'
import { Trouble } from './trouble.ts'

const OUTPUT = join(ROOT, '.next')
const STAMP = join(OUTPUT, 'throughline-source-hash')
/** Everything that decides what `next build` writes. */
const SOURCES = ['src', 'public', 'package-lock.json', 'next.config.js', 'postcss.config.mjs', 'tsconfig.json']

/** Whether there is a build of exactly these sources. */
export function isBuilt(): boolean {
  return existsSync(join(OUTPUT, 'BUILD_ID')) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hashSources()
}

/**
 * Builds the web for production.
 * @throws Trouble with the compiler's last lines
 */
export async function buildWeb(logFile: string, signal: AbortSignal): Promise<void> {
  const hash = hashSources()
  turnLog(logFile)
  const { code, output } = await runNextBuild(signal)
  writeFileSync(logFile, output)
  if (code !== 0) {
    throw new Trouble(`the web does not build:\n${lastLines(logFile, 30)}`, `see ${logFile}; npm run check finds more`)
  }
  writeFileSync(STAMP, hash)
}

function runNextBuild(signal: AbortSignal): Promise<{ code: number | null; output: string }> {
  const next = join(ROOT, 'node_modules', 'next', 'dist', 'bin', 'next')
  const [program, args] = guardedCommand(process.execPath, [next, 'build'], 'TERM')
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
      cwd: ROOT,
      env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    })
    let output = ''
    const collect = (chunk: Buffer): void => {
      output += chunk.toString()
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}

function hashSources(): string {
  const hash = createHash('sha256')
  for (const source of SOURCES) addToHash(hash, join(ROOT, source), source)
  return hash.digest('hex')
}

function addToHash(hash: ReturnType<typeof createHash>, path: string, name: string): void {
  if (!existsSync(path)) return
  if (statSync(path).isFile()) {
    hash.update(`${name}\0`).update(readFileSync(path)).update('\0')
    return
  }
  // Tests are in the folders of what they test, but no build contains them.
  const built = readdirSync(path).filter((entry) => !/\.test\.tsx?$/.test(entry))
  for (const entry of built.toSorted()) addToHash(hash, join(path, entry), `${name}/${entry}`)
}
