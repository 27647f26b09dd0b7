import { fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publishInstance } from './instance.ts'

interface Started {
  readonly type: 'started'
  readonly state: {
    readonly url: string
    readonly demoUrl: string | null
    readonly databaseUrl: string
    readonly otlpHttpUrl: string
    readonly broker: { readonly kind: string }
    readonly pids: Readonly<Record<string, number>>
  }
  readonly owner: { readonly login: string; readonly oneTimePassword: string } | null
}

/**
 * Playwright's global set-up: the real `npm start` on a data folder of its own, with the demo shop. The returned
 * function ends it and removes the folder.
 */
export default async function startInstance(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-e2e-'))
  mkdirSync('.cache/e2e', { recursive: true })
  const log = openSync('.cache/e2e/start.log', 'w')
  const child = fork('launcher/main.ts', ['start'], {
    env: {
      ...process.env,
      THROUGHLINE_DATA: folder,
      DEMO_ORDERS_PER_SECOND: process.env['DEMO_ORDERS_PER_SECOND'] ?? '5',
    },
    stdio: ['ignore', log, log, 'ipc'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const started = await new Promise<Started>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Started))
    child.once('exit', (code) => reject(new Error(`npm start ended with ${code}; see .cache/e2e/start.log`)))
  })
  if (started.state.demoUrl === null || started.owner === null) throw new Error('the instance has no shop or no owner')
  publishInstance({
    url: started.state.url,
    demoUrl: started.state.demoUrl,
    databaseUrl: started.state.databaseUrl,
    otlpHttpUrl: started.state.otlpHttpUrl,
    brokerKind: started.state.broker.kind,
    login: started.owner.login,
    oneTimePassword: started.owner.oneTimePassword,
    collectorPid: started.state.pids['collector'] ?? 0,
  })
  return async () => {
    child.kill('SIGINT')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
}
