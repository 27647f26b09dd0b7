import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, renameSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { guardedCommand } from './servers/guarded-command.ts'

/** A process that this one started and will end. */
export interface RunningProcess {
  readonly pid: number
  /** How it ended: `code 1`, `signal SIGKILL`. */
  readonly exited: Promise<string>
  /** Asks it to end, insists after a while; resolves when it is gone. */
  stop(): Promise<void>
}

export interface ChildOptions {
  readonly command: readonly [string, ...string[]]
  readonly environment: NodeJS.ProcessEnv
  readonly logFile: string
  readonly cwd: string
  /** Polled until true; a child that ends first is an error. */
  readonly isReady: () => Promise<boolean>
  readonly readyWithinMs: number
  readonly stopWithinMs?: number
}

/**
 * Starts a process whose output goes to a file, and waits until it answers **and** lives.
 * @throws Error with its last lines when it ends or stays silent
 */
export async function startChild(options: ChildOptions): Promise<RunningProcess> {
  const [program, ...args] = options.command
  const [command, guardedArgs] = guardedCommand(program, args, 'TERM')
  const output = openSync(options.logFile, 'a')
  const child = spawn(command, [...guardedArgs], {
    cwd: options.cwd,
    env: options.environment,
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal === null ? `code ${code}` : `signal ${signal}`))
  })
  const stop = (): Promise<void> => endChild(child, exited, options.stopWithinMs ?? 15_000)
  const alive = Promise.resolve(null)
  const deadlineMs = performance.now() + options.readyWithinMs
  while (!(await options.isReady())) {
    const ended = await Promise.race([exited, alive])
    if (ended !== null) throw new Error(`it ended with ${ended}:\n${lastLines(options.logFile)}`)
    if (performance.now() > deadlineMs) {
      await stop()
      throw new Error(`it does not answer within ${options.readyWithinMs / 1_000} s:\n${lastLines(options.logFile)}`)
    }
    await delay(50)
  }
  return { pid: child.pid ?? 0, exited, stop }
}

async function endChild(child: ChildProcess, exited: Promise<string>, patienceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  const insisting = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  await exited
  clearTimeout(insisting)
}

/** Whether a GET is answered with anything but a server error. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(10_000) })
    await response.body?.cancel()
    return response.status < 500
  } catch {
    return false
  }
}

/** The end of a log file, indented for a person to read. */
export function lastLines(logFile: string, count = 12): string {
  if (!existsSync(logFile)) return '      (no output)'
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-count)
  return lines.map((line) => `      ${line.slice(0, 400)}`).join('\n')
}

/** Puts the former run's output aside, so that a log file tells of one run. */
export function turnLog(logFile: string): void {
  if (existsSync(logFile)) renameSync(logFile, `${logFile}.previous`)
}
