import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { REPOSITORY_CHECKS, repairLockfile } from './checks/repository-checks.ts'

/** Each tool with its arguments; `fix` is what `--fix` runs first. */
interface Tool {
  readonly name: string
  readonly command: readonly string[]
  readonly fix?: readonly string[]
}

const LINTED = ['src', 'launcher', 'demo', 'bench', 'e2e']

const TOOLS: readonly Tool[] = [
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'lint', command: ['oxlint', '--type-aware', ...LINTED], fix: ['oxlint', '--fix', ...LINTED] },
  { name: 'format', command: ['oxfmt', '--check', '.'], fix: ['oxfmt', '.'] },
  { name: 'walls', command: ['vitest', 'run', '--project', 'unit', 'src/architecture.test.ts'] },
  { name: 'dead code', command: ['knip', '--no-progress', '--no-config-hints'] },
]

export interface CheckResult {
  readonly name: string
  readonly isPassed: boolean
  readonly output: string
}

/**
 * Everything that can be judged without running the product: types, lint, format, walls, dead code, lockfile,
 * migrations, documents. `--fix` repairs first what can be repaired. Answers 0 when all pass.
 */
export async function runCheck(args: readonly string[]): Promise<number> {
  if (args.includes('--fix')) await fixAll()
  const startedMs = performance.now()
  const results = await checkAll()
  const failed = results.filter((result) => !result.isPassed)
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1)
  console.log(`\n${results.length - failed.length} of ${results.length} checks passed in ${seconds} s`)
  return failed.length === 0 ? 0 : 1
}

/** Runs all checks side by side, reporting each as it ends with its own time. */
export function checkAll(): Promise<CheckResult[]> {
  const repository = Object.entries(REPOSITORY_CHECKS).map(async ([name, find]) => {
    const startedMs = performance.now()
    const problems = find()
    return report({ name, isPassed: problems.length === 0, output: problems.join('\n') }, startedMs)
  })
  const tools = TOOLS.map(async (tool) => {
    const startedMs = performance.now()
    const { code, output } = await runTool(tool.command)
    return report({ name: tool.name, isPassed: code === 0, output }, startedMs)
  })
  return Promise.all([...tools, ...repository])
}

async function fixAll(): Promise<void> {
  repairLockfile()
  for (const tool of TOOLS) {
    if (tool.fix !== undefined) await runTool(tool.fix)
  }
}

function report(result: CheckResult, startedMs: number): CheckResult {
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1)
  console.log(`  ${result.isPassed ? 'ok    ' : 'FAILED'}  ${result.name.padEnd(12)} ${seconds.padStart(5)} s`)
  if (!result.isPassed) console.log(result.output.replaceAll(/^/gm, '          '))
  return result
}

function runTool([name = '', ...args]: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(join('node_modules', '.bin', name), args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    })
    let output = ''
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-20_000)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? 1, output: output.trim() }))
  })
}
