import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { rabbitmqUrl } from './demo-settings.ts'
import type { CountName, Counts, ServiceReport, Switches, SwitchesMessage } from './process-messages.ts'

/** Name and version of each service, as its telemetry carries them. */
const VERSIONS = {
  checkout: '4.18.0',
  payments: '2.7.1',
  inventory: '1.12.4',
  shipping: '3.0.2',
  email: '0.9.8',
  settlements: '1.4.0',
}
type ServiceName = keyof typeof VERSIONS

/** Settlements are booked where there is a RabbitMQ. */
const serviceNames = (): readonly ServiceName[] =>
  (Object.keys(VERSIONS) as ServiceName[]).filter((name) => name !== 'settlements' || rabbitmqUrl() !== null)

/** kafkajs computes a negative time-out when nothing is due, which Node 24 warns about in every process. */
const QUIET = ['--disable-warning=TimeoutNegativeWarning']

const COUNT_NAMES: readonly CountName[] = ['made', 'paid', 'reserved', 'shipped', 'mailed', 'deadLettered']
const RESTART_DELAY_MS = 1_000
const STOP_TIMEOUT_MS = 8_000
const START_TIMEOUT_MS = 60_000
const APPLY_TIMEOUT_MS = 5_000

interface RunningService {
  readonly process: ChildProcess
  isReady: boolean
  port: number | null
  appliedRevision: number
  counts: Partial<Counts>
}

/** Makes the topics or queues that are missing. */
export async function prepareBroker(): Promise<void> {
  const child = fork(join(import.meta.dirname, 'prepare', 'main.ts'), { execArgv: QUIET })
  const code = await new Promise((resolve) => child.once('exit', resolve))
  if (code !== 0) throw new Error('the broker could not be prepared; the reason is above')
}

/** The services, each a process that ends with this one; one that dies is started again. */
export class ServiceProcesses {
  readonly #running = new Map<ServiceName, RunningService>()
  /** What earlier lives of restarted services counted. */
  readonly #pastCounts = zeroCounts()
  readonly #waiting = new Set<() => void>()
  #switches: Switches
  #revision = 1
  #isStopping = false

  constructor(initial: Switches) {
    this.#switches = initial
    for (const name of serviceNames()) this.#start(name)
  }

  get switches(): Switches {
    return this.#switches
  }

  counts(): Counts {
    return sumCounts([this.#pastCounts, ...this.#all().map((service) => service.counts)])
  }

  services(): readonly { readonly name: ServiceName; readonly pid: number | null; readonly isReady: boolean }[] {
    return [...this.#running].map(([name, { process: child, isReady }]) => ({ name, pid: child.pid ?? null, isReady }))
  }

  /** Where orders are taken; null while checkout is not up. */
  checkoutPort(): number | null {
    const checkout = this.#running.get('checkout')
    return checkout?.isReady ? checkout.port : null
  }

  /** Resolves when every service works by the new setting. */
  async setSwitches(switches: Switches): Promise<void> {
    this.#switches = switches
    this.#revision += 1
    const revision = this.#revision
    for (const { process: child } of this.#all()) if (child.connected) child.send(this.#switchesMessage())
    await this.#waitFor(
      () => this.#all().every((service) => !service.isReady || service.appliedRevision >= revision),
      APPLY_TIMEOUT_MS,
      'turning the switch',
    )
  }

  async waitUntilReady(): Promise<void> {
    await this.#waitFor(
      () => this.#all().every((service) => service.isReady),
      START_TIMEOUT_MS,
      'starting the services',
    )
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await Promise.all(this.#all().map(({ process: child }) => stopProcess(child)))
  }

  #start(name: ServiceName): void {
    const child = forkService(name)
    const service: RunningService = { process: child, isReady: false, port: null, appliedRevision: 0, counts: {} }
    this.#running.set(name, service)
    child.on('message', (report: ServiceReport) => {
      takeReport(service, report)
      this.#waiting.forEach((check) => check())
    })
    child.once('exit', (code, signal) => {
      service.isReady = false
      for (const count of COUNT_NAMES) this.#pastCounts[count] += service.counts[count] ?? 0
      service.counts = {}
      if (this.#isStopping) return
      console.error(`demo: ${name} ended (${signal ?? `code ${code}`}); starting it again`)
      setTimeout(() => {
        if (!this.#isStopping) this.#start(name)
      }, RESTART_DELAY_MS)
    })
    child.send(this.#switchesMessage())
  }

  #all(): RunningService[] {
    return [...this.#running.values()]
  }

  #switchesMessage(): SwitchesMessage {
    return { kind: 'switches', revision: this.#revision, switches: this.#switches }
  }

  #waitFor(condition: () => boolean, timeoutMs: number, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(check)
      }
      const timer = setTimeout(() => {
        finish()
        reject(new Error(`${what} took more than ${timeoutMs} ms`))
      }, timeoutMs)
      const check = (): void => {
        if (!condition()) return
        finish()
        resolve()
      }
      this.#waiting.add(check)
      check()
    })
  }
}

function takeReport(service: RunningService, report: ServiceReport): void {
  if (report.kind === 'applied') service.appliedRevision = report.revision
  else if (report.kind === 'counted') service.counts = report.counts
  else {
    service.isReady = true
    service.port = report.port
  }
}

function forkService(name: ServiceName): ChildProcess {
  return fork(join(import.meta.dirname, name, 'main.ts'), {
    execArgv: [...QUIET, '--import', join(import.meta.dirname, 'telemetry.ts')],
    env: {
      OTEL_BSP_SCHEDULE_DELAY: '1000',
      OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,serviceinstance',
      ...(process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] === undefined && { OTEL_SDK_DISABLED: 'true' }),
      ...process.env,
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_SERVICE_NAME: name,
      OTEL_RESOURCE_ATTRIBUTES: `service.version=${VERSIONS[name]},service.namespace=shop,deployment.environment.name=demo`,
    },
  })
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await ended
  clearTimeout(impatience)
}

function zeroCounts(): Record<CountName, number> {
  return { made: 0, paid: 0, reserved: 0, shipped: 0, mailed: 0, deadLettered: 0 }
}

function sumCounts(parts: readonly Partial<Counts>[]): Counts {
  const sum = zeroCounts()
  for (const part of parts) for (const name of COUNT_NAMES) sum[name] += part[name] ?? 0
  return sum
}
