import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { configuredClusters } from './configured-clusters.ts'
import type { Ports } from './choose-ports.ts'
import { COLLECTOR_FLAGS } from './collector-flags.ts'
import { answers, startChild, type RunningProcess } from './child-process.ts'
import { ROOT } from './folders.ts'
import type { Secrets } from './keep-secrets.ts'
import type { BrokerState, RabbitmqState } from './run-state.ts'

/** What the product's own processes are started from. */
export interface ProductSettings {
  readonly mode: 'start' | 'dev'
  readonly dataFolder: string
  readonly databaseUrl: string
  readonly broker: BrokerState
  readonly rabbitmq: RabbitmqState | null
  readonly ports: Ports
  readonly secrets: Secrets
}

const HOST = '127.0.0.1'
const QUIET = '--disable-warning=ExperimentalWarning'

/** What every child inherits: the surroundings of this process without the secrets of the others. */
function baseEnvironment(): Record<string, string> {
  const withheld = new Set([
    'THROUGHLINE_SECRET',
    'THROUGHLINE_SEAL_KEY',
    'THROUGHLINE_OWNER_PASSWORD',
    'THROUGHLINE_CLUSTERS',
    'THROUGHLINE_CONSUMER_TOKENS',
    'KAFKA_CONNECT_BASIC_AUTH',
    'SCHEMA_REGISTRY_BASIC_AUTH',
    'SCHEMA_REGISTRY_TOKEN',
    'NODE_CHANNEL_FD',
  ])
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || withheld.has(name) ? [] : [[name, value] as const],
    ),
  )
}

export const logFileOf = (dataFolder: string, name: string): string => join(dataFolder, 'log', `${name}.log`)

export function startCollector(settings: ProductSettings): Promise<RunningProcess> {
  const { ports } = settings
  const watch = settings.mode === 'dev' ? ['--watch', '--watch-preserve-output'] : []
  return startChild({
    command: [process.execPath, QUIET, ...COLLECTOR_FLAGS, ...watch, join(ROOT, 'src', 'collector', 'main.ts')],
    environment: {
      ...baseEnvironment(),
      NODE_ENV: settings.mode === 'dev' ? 'development' : 'production',
      DATABASE_URL: settings.databaseUrl,
      THROUGHLINE_SEAL_KEY: settings.secrets.sealKey,
      THROUGHLINE_SECRET: settings.secrets.webSecret,
      THROUGHLINE_OTLP_HTTP_PORT: String(ports.otlpHttp),
      THROUGHLINE_OTLP_GRPC_PORT: String(ports.otlpGrpc),
      THROUGHLINE_CONTROL_PORT: String(ports.control),
      THROUGHLINE_CONSUMER_TOKENS: [
        settings.secrets.consumerToken,
        process.env['THROUGHLINE_CONSUMER_TOKENS'] ?? '',
      ].join(','),
      THROUGHLINE_CLUSTERS: configuredClusters(settings.broker, settings.databaseUrl, process.env, settings.rabbitmq),
    },
    logFile: logFileOf(settings.dataFolder, 'collector'),
    cwd: ROOT,
    isReady: () => answers(`http://${HOST}:${ports.control}/readyz`),
    readyWithinMs: 120_000,
  })
}

export const webUrl = (ports: Ports): string => process.env['THROUGHLINE_URL'] ?? `http://${HOST}:${ports.web}`

export function startWeb(settings: ProductSettings): Promise<RunningProcess> {
  const host = process.env['THROUGHLINE_HOST'] ?? HOST
  const next = join(ROOT, 'node_modules', 'next', 'dist', 'bin', 'next')
  return startChild({
    command: [process.execPath, next, settings.mode, '--hostname', host, '--port', String(settings.ports.web)],
    environment: {
      ...baseEnvironment(),
      NODE_ENV: settings.mode === 'dev' ? 'development' : 'production',
      NEXT_TELEMETRY_DISABLED: '1',
      DATABASE_URL: settings.databaseUrl,
      THROUGHLINE_SECRET: settings.secrets.webSecret,
      THROUGHLINE_URL: webUrl(settings.ports),
    },
    logFile: logFileOf(settings.dataFolder, 'web'),
    cwd: ROOT,
    isReady: () => answers(`http://${HOST}:${settings.ports.web}/`),
    readyWithinMs: 120_000,
  })
}

export const hasShop = (): boolean => existsSync(join(ROOT, 'demo', 'main.ts'))

function withCredentials({ address, username, password }: RabbitmqState): string {
  const url = new URL(address)
  url.username = username
  url.password = password
  return url.href
}

/** The shop speaks to the same broker, and sends its telemetry to `otlpHttpUrl`. */
export function startShop(shop: {
  readonly broker: BrokerState
  readonly rabbitmq: RabbitmqState | null
  readonly databaseUrl: string
  readonly otlpHttpUrl: string
  /** Where the shop's consumers hear of a pause, and the token that opens it. */
  readonly controlUrl: string
  readonly consumerToken: string
  readonly port: number
  readonly logFile: string
}): Promise<RunningProcess> {
  return startChild({
    command: [process.execPath, QUIET, join(ROOT, 'demo', 'main.ts')],
    environment: {
      ...baseEnvironment(),
      NODE_ENV: 'production',
      DEMO_BROKER: shop.broker.kind,
      DEMO_PORT: String(shop.port),
      DEMO_DATABASE_URL: shop.databaseUrl,
      OTEL_EXPORTER_OTLP_ENDPOINT: shop.otlpHttpUrl,
      THROUGHLINE_CONTROL_URL: shop.controlUrl,
      THROUGHLINE_CONSUMER_TOKEN: shop.consumerToken,
      THROUGHLINE_CLUSTER: shop.broker.clusterId,
      ...(shop.rabbitmq !== null && { DEMO_RABBITMQ_URL: withCredentials(shop.rabbitmq) }),
      ...(shop.broker.kind === 'kafka' ? { KAFKA_BROKERS: shop.broker.brokers.join(',') } : {}),
    },
    logFile: shop.logFile,
    cwd: ROOT,
    isReady: () => answers(`http://${HOST}:${shop.port}/`),
    readyWithinMs: 120_000,
  })
}
