import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startInstance } from '../../launcher/run-instance.ts'
import { publishInstance } from './instance.ts'

/**
 * Playwright's global set-up: the real `npm start` on a data folder of its own, with the demo shop. The returned
 * function ends it and removes the folder.
 */
export default async function setUp(): Promise<() => Promise<void>> {
  mkdirSync('.cache/e2e', { recursive: true })
  const folder = mkdtempSync(join(tmpdir(), 'throughline-e2e-'))
  const environment = { DEMO_ORDERS_PER_SECOND: process.env['DEMO_ORDERS_PER_SECOND'] ?? '5' }
  const instance = await startInstance({ folder, args: [], environment })
  const { state, owner } = instance
  if (state.demoUrl === null || !owner?.oneTimePassword) throw new Error('the instance has no shop or no owner')
  publishInstance({
    url: state.url,
    demoUrl: state.demoUrl,
    databaseUrl: state.databaseUrl,
    brokerKind: state.broker.kind,
    login: owner.login,
    oneTimePassword: owner.oneTimePassword,
    collectorPid: state.pids['collector'] ?? 0,
  })
  return async () => {
    await instance.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
