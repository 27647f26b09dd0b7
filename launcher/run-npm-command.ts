import { spawn } from 'node:child_process'
import { ROOT } from './folders.ts'
import { ownEnvironment } from './run-instance.ts'
import { guardedCommand } from './servers/guarded-command.ts'

/** A command of ours as a person types it, in a process group of its own as a terminal gives it one. */
export interface NpmCommand {
  /** What it has printed so far. */
  output(): string
  /** Ctrl-C: every process of the group gets the signal, as from a terminal. */
  pressCtrlC(): void
  /**
   * Its exit code, once every process that can write to its output is gone; null when a signal ended it: after Ctrl-C the
   * shell between npm and the launcher dies of the signal, however well the launcher ends.
   */
  readonly exitCode: Promise<number | null>
}

/** Runs `npm ...args` in `cwd` (the repository unless given), on free ports and without this shell's own settings. */
export function runNpmCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  cwd: string = ROOT,
): NpmCommand {
  const [program, guarded] = guardedCommand('npm', args, 'TERM')
  const child = spawn(program, [...guarded], {
    cwd,
    detached: true,
    env: { ...ownEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const collect = (chunk: Buffer): void => {
    output += chunk.toString()
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  const exitCode = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code))
  })
  return {
    output: () => output,
    pressCtrlC: () => {
      const isOver = child.exitCode !== null || child.signalCode !== null
      if (child.pid !== undefined && !isOver) process.kill(-child.pid, 'SIGINT')
    },
    exitCode,
  }
}
