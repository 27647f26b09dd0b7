import { isPgqueue } from './demo-settings.ts'
import type { CountName, ServiceReport, Switches, SwitchesMessage } from './process-messages.ts'
import type { ShopBroker } from './shop-broker.ts'
import { stopTelemetry } from './telemetry.ts'

export interface ServiceContext {
  readonly broker: ShopBroker
  readonly switches: () => Switches
  readonly count: (name: CountName) => void
}

/** What a service starts: subscriptions are made, a port may be opened; `close` gives the port back. */
export interface StartedService {
  readonly port: number | null
  readonly close: () => Promise<void>
}

const REPORT_INTERVAL_MS = 250

/**
 * Runs one service as a process of its own: switches come from the parent and counts go to it, the process ends with
 * its parent, and on SIGTERM it stops taking messages, then sends its last spans.
 */
export async function runService(
  name: string,
  start: (context: ServiceContext) => StartedService | Promise<StartedService>,
  open: (name: string) => Promise<ShopBroker> = openBroker,
): Promise<void> {
  let switches: Switches = { bug: true, slow: true }
  const counts = new Map<CountName, number>()
  process.on('message', (message: SwitchesMessage) => {
    switches = message.switches
    report({ kind: 'applied', revision: message.revision })
  })
  const broker = await open(name)
  const started = await start({
    broker,
    switches: () => switches,
    count: (counted) => counts.set(counted, (counts.get(counted) ?? 0) + 1),
  })
  await broker.start()
  const reporting = setInterval(() => {
    report({ kind: 'counted', counts: Object.fromEntries(counts) })
  }, REPORT_INTERVAL_MS)

  let isStopping = false
  const stop = (): void => {
    if (isStopping) return
    isStopping = true
    clearInterval(reporting)
    void started
      .close()
      .then(() => broker.close())
      .then(() => stopTelemetry())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(`${name}: stopping failed`, error)
          process.exit(1)
        },
      )
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  process.once('disconnect', stop)
  report({ kind: 'ready', port: started.port })
}

function report(message: ServiceReport): void {
  if (process.connected) process.send?.(message)
}

async function openBroker(name: string): Promise<ShopBroker> {
  if (isPgqueue()) {
    const { openPgqueueShopBroker } = await import('./pgqueue-shop-broker.ts')
    return openPgqueueShopBroker(name)
  }
  const { openKafkaShopBroker } = await import('./kafka-shop-broker.ts')
  return openKafkaShopBroker(name)
}
