import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { bundleEngine } from '#engine/kill-suite/bundle-engine.ts'

/** Written by the process when it is looking for operations. */
export const READY_LINE = 'engine ready'

export interface EngineSetting {
  readonly databaseUrl: string
  readonly kind: string
  readonly configuration: unknown
  readonly secret: unknown
  /** Its name in leases. */
  readonly holder: string
  readonly leaseTtlMs: number
  /** What its wall clock is off by. */
  readonly clockOffsetMs?: number
}

export interface EngineProcess {
  readonly holder: string
  /** Lets it look for operations, with a failpoint or without; until then it has only got ready. */
  begin(failpoint?: string): void
  /** Resolves when it is looking for operations, or has ended before. */
  readonly ready: Promise<void>
  /** No clean-up of any kind; resolves when the process is gone. */
  kill(): Promise<void>
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  /** Resolves with how it ended: the exit code or the signal. */
  readonly ended: Promise<number | string>
  /** What it wrote to stdout and stderr. */
  readOutput(): string
}

/** Starts the engine in a process of its own, which waits for `begin`. Whoever starts it ends it. */
export async function spawnEngine(setting: EngineSetting): Promise<EngineProcess> {
  const { file, compileCache } = await bundleEngine()
  const child = spawn(process.execPath, [file], {
    env: {
      ...process.env,
      NODE_ENV: 'test',
      NODE_COMPILE_CACHE: compileCache,
      KILL_SUITE: JSON.stringify(setting),
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let output = ''
  const ready = Promise.withResolvers<void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part: Buffer) => {
      output += part.toString()
      if (output.includes(READY_LINE)) ready.resolve()
    })
  }
  // Its end is told by `ended`; that it can no longer be spoken to is no news.
  child.stdin.on('error', () => undefined)
  const ended = once(child, 'exit').then(([code, signal]: (number | string | null)[]) => {
    ready.resolve()
    return signal ?? code ?? 0
  })
  return {
    holder: setting.holder,
    ended,
    ready: ready.promise,
    begin: (failpoint = '') => void child.stdin.write(`${failpoint}\n`),
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
    signal: (name) => void child.kill(name),
    readOutput: () => output,
  }
}
