import { buildWeb, isBuilt } from './build-web.ts'
import type { RunningProcess } from './child-process.ts'
import type { Servers } from './bring-up-servers.ts'
import { keepSecrets } from './keep-secrets.ts'
import {
  hasShop,
  logFileOf,
  startCollector,
  startShop,
  startWeb,
  webUrl,
  type ProductSettings,
} from './product-processes.ts'
import type { RunState } from './run-state.ts'
import { runStep } from './show-progress.ts'
import type { StartOptions } from './start-options.ts'
import type { Supervisor } from './supervisor.ts'

interface ProductOptions {
  readonly mode: 'start' | 'dev'
  readonly options: StartOptions
  readonly folder: string
  readonly servers: Servers
  readonly supervisor: Supervisor
  readonly signal: AbortSignal
}

/** What to try beside reading a part's log. */
const REMEDIES: Readonly<Record<string, string>> = { demo: '; npm start -- --no-demo leaves the shop out' }

/** The build, then collector, web and shop; answers what others may know of the running installation. */
export async function bringUpProduct(given: ProductOptions): Promise<RunState> {
  const { mode, folder, supervisor } = given
  const { databaseUrl, ports } = given.servers
  const broker = given.servers.broker.state
  const { rabbitmq } = given.servers
  if (mode === 'start') await bringUpBuild(folder, given.signal)
  const settings: ProductSettings = {
    mode,
    dataFolder: folder,
    databaseUrl,
    broker,
    rabbitmq,
    ports,
    secrets: keepSecrets(folder),
  }
  const bringUp = (name: string, start: () => Promise<RunningProcess>) =>
    runStep(name, `see ${logFileOf(folder, name)}${REMEDIES[name] ?? ''}`, async (progress) => {
      progress('starting')
      const process = await supervisor.start({ name, logFile: logFileOf(folder, name), start })
      return { said: `up, pid ${process.pid}`, result: process }
    })
  await bringUp('collector', () => startCollector(settings))
  await bringUp('web', () => startWeb(settings))
  const otlpHttpUrl = `http://127.0.0.1:${ports.otlpHttp}`
  const controlUrl = `http://127.0.0.1:${ports.control}`
  const { consumerToken } = settings.secrets
  const isShopOpen = given.options.hasDemo && hasShop()
  const logFile = logFileOf(folder, 'demo')
  if (isShopOpen)
    await bringUp('demo', () =>
      startShop({ broker, rabbitmq, databaseUrl, otlpHttpUrl, controlUrl, consumerToken, port: ports.demo, logFile }),
    )
  return {
    pid: process.pid,
    mode,
    startedAt: new Date().toISOString(),
    url: webUrl(ports),
    databaseUrl,
    otlpHttpUrl,
    otlpGrpcAddress: `127.0.0.1:${ports.otlpGrpc}`,
    controlUrl,
    broker,
    rabbitmq,
    demoUrl: isShopOpen ? `http://127.0.0.1:${ports.demo}` : null,
    pids: supervisor.pids(),
  }
}

async function bringUpBuild(folder: string, signal: AbortSignal): Promise<void> {
  await runStep('build', `see ${logFileOf(folder, 'build')}; npm run check finds more`, async (progress) => {
    if (isBuilt()) return { said: 'unchanged', result: undefined }
    progress('compiling the web; about a minute, once for each version of the sources')
    await buildWeb(logFileOf(folder, 'build'), signal)
    return { said: 'compiled', result: undefined }
  })
}
