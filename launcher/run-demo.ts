import { join } from 'node:path'
import { turnLog } from './child-process.ts'
import { dataFolder } from './folders.ts'
import { findFreePort } from './free-port.ts'
import { keepSecrets } from './keep-secrets.ts'
import { startShop } from './product-processes.ts'
import { findRunning } from './run-state.ts'
import { say } from './show-progress.ts'
import { waitForStop } from './stop-signal.ts'
import { Trouble } from './trouble.ts'

/** The shop alone, against an installation that runs already. */
export async function runDemo(): Promise<number> {
  const state = findRunning(dataFolder())
  if (state === null)
    throw new Trouble('Throughline is not running', 'start it in another terminal: npm start -- --no-demo')
  if (state.demoUrl !== null) {
    console.log(`  the shop is open already: ${state.demoUrl}`)
    return 0
  }
  const port = await findFreePort(Number(process.env['DEMO_PORT'] ?? 4_400))
  const logFile = join(dataFolder(), 'log', 'demo.log')
  turnLog(logFile)
  const stopping = waitForStop()
  const shop = await startShop({ ...state, consumerToken: keepSecrets(dataFolder()).consumerToken, port, logFile })
  say('demo shop', `http://127.0.0.1:${port}; Ctrl-C closes it`)
  const ended = await Promise.race([stopping.requested, shop.exited])
  if (ended !== null) throw new Trouble(`the shop ended (${ended})`, `see ${logFile}`)
  await shop.stop()
  say('demo shop', 'closed')
  return 0
}
