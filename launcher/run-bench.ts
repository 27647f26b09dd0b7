import { spawn } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './folders.ts'
import { Trouble } from './trouble.ts'

const FOLDER = join(ROOT, 'bench')
const ENDING = '.bench.ts'

/** Lists the benchmarks, or runs the named one: `npm run bench -- NAME [--size N]`. */
export async function runBench([name, ...args]: readonly string[]): Promise<number> {
  const names = readdirSync(FOLDER).flatMap((file) => (file.endsWith(ENDING) ? [file.slice(0, -ENDING.length)] : []))
  if (name === undefined) {
    for (const one of names) console.log(`  ${one.padEnd(20)} ${firstSentence(join(FOLDER, one + ENDING))}`)
    console.log('\n  npm run bench -- NAME [--size N]')
    return 0
  }
  const file = join(FOLDER, name + ENDING)
  if (!existsSync(file)) throw new Trouble(`there is no benchmark "${name}"`, `choose one of: ${names.join(', ')}`)
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--expose-gc', file, ...args], {
    cwd: ROOT,
    stdio: 'inherit',
  })
  // Ctrl-C reaches the benchmark by itself; this process waits until it has cleaned up.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

/** The comment on a benchmark's `await runBench` says what it measures. */
function firstSentence(file: string): string {
  const comment = /\/\*\*((?:(?!\*\/)[^])*)\*\/\nawait runBench\(/.exec(readFileSync(file, 'utf8'))?.[1] ?? ''
  const text = comment.replaceAll(/\s*\n\s*\*?\s*/g, ' ').trim()
  return text.split(/(?<=[.:])\s/)[0] ?? ''
}
