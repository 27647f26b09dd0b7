import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startInstance } from '../../launcher/run-instance.ts'
import { publishInstance } from './instance.ts'
import { currentRound } from './round.ts'

/**
 * Playwright's global set-up: the real `npm start` on a data folder of its own, with the demo shop. The returned
 * function ends it and removes the folder.
 */
export default async function setUp(): Promise<() => Promise<void>> {
  mkdirSync('.cache/e2e', { recursive: true })
  const parent = mkdtempSync(join(tmpdir(), 'throughline-e2e-'))
  const round = currentRound()
  const environment = {
    DEMO_ORDERS_PER_SECOND: process.env['DEMO_ORDERS_PER_SECOND'] ?? '5',
    ...(round === 'bare' ? makeBareMachine(parent) : {}),
  }
  const instance = await startInstance({ folder: join(parent, 'data'), args: [], environment })
  const { state, owner } = instance
  const tearDown = async () => {
    await instance.stop()
    rmSync(parent, { recursive: true, force: true })
  }
  try {
    if (state.demoUrl === null || !owner?.oneTimePassword) throw new Error('the instance has no shop or no owner')
    if (round === 'bare' && state.broker.kind !== 'pgqueue')
      throw new Error(`with nothing but Node it took ${state.broker.how}`)
    publishInstance({
      url: state.url,
      demoUrl: state.demoUrl,
      databaseUrl: state.databaseUrl,
      brokerKind: state.broker.kind,
      otlpHttpUrl: state.otlpHttpUrl,
      login: owner.login,
      oneTimePassword: owner.oneTimePassword,
      collectorPid: state.pids['collector'] ?? 0,
    })
  } catch (error) {
    await tearDown()
    throw error
  }
  return tearDown
}

/** A PATH on which there is Node alone: neither Java nor Maven nor Docker is found, so the launcher decides without. */
function makeBareMachine(parent: string): Record<string, string> {
  const folder = join(parent, 'bin')
  mkdirSync(folder)
  symlinkSync(process.execPath, join(folder, 'node'))
  return { PATH: folder, JAVA_HOME: '' }
}
