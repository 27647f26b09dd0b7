import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** Written by the process when it is looking for operations. */
export const READY_LINE = 'engine ready'

export interface EngineSpawn {
  readonly databaseUrl: string
  readonly kind: string
  readonly configuration: unknown
  readonly secret: unknown
  /** Its name in leases. */
  readonly holder: string
  readonly leaseTtlMs: number
  readonly failpoint?: string
}

export interface EngineProcess {
  readonly holder: string
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

/** Starts the engine in a process of its own. Whoever starts it ends it. */
export function spawnEngine({ failpoint, ...setting }: EngineSpawn): EngineProcess {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'engine-process.ts')], {
    env: {
      ...process.env,
      NODE_ENV: 'test',
      KILL_SUITE: JSON.stringify(setting),
      ...(failpoint === undefined ? {} : { FAILPOINT: failpoint }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const ready = Promise.withResolvers<void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part: Buffer) => {
      output += part.toString()
      if (output.includes(READY_LINE)) ready.resolve()
    })
  }
  const ended = once(child, 'exit').then(([code, signal]: (number | string | null)[]) => {
    ready.resolve()
    return signal ?? code ?? 0
  })
  return {
    holder: setting.holder,
    ended,
    ready: ready.promise,
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
    signal: (name) => void child.kill(name),
    readOutput: () => output,
  }
}
