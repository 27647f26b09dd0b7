import { once } from 'node:events'
import { openBroker } from '#brokers/registry.ts'
import { openDatabase } from '#db/client.ts'
import { startOperations } from '#engine/start-operations.ts'
import { READY_LINE, type EngineSetting } from '#engine/kill-suite/spawn-engine.ts'
import { createLog } from '#log.ts'

/**
 * The engine as a process of its own, to be killed: what the collector runs, without its other duties. It begins when its
 * first line of input comes (a failpoint, or nothing), and ends when nobody is left to speak to it.
 */
const setting = JSON.parse(process.env['KILL_SUITE'] ?? '{}') as EngineSetting
if (setting.clockOffsetMs !== undefined) shiftClock(setting.clockOffsetMs)

const log = createLog(setting.holder, process.env['LOG_LEVEL'] ?? 'error')
const client = openDatabase(setting.databaseUrl, {
  maxConnections: 12,
  onError: (error) => log.warn({ reason: error.message }, 'a connection broke'),
})
const { kind, configuration, secret } = setting
const broker = await openBroker({ clusterId: 'k', kind, configuration, secret })
const [firstLine] = (await once(process.stdin, 'data')) as [Buffer]
process.stdin.once('end', () => process.exit(0))
const operations = startOperations({
  client,
  brokers: { get: async () => broker },
  telemetry: { recordOwnSpans: async () => undefined, readDeliveriesOf: async () => [] },
  log,
  holder: setting.holder,
  failpoint: { text: firstLine.toString().trim(), nodeEnvironment: 'test' },
  leaseTtlMs: setting.leaseTtlMs,
})
process.stdout.write(`${READY_LINE}\n`)
process.once('SIGTERM', () => void end())

async function end(): Promise<void> {
  await operations.stop()
  await broker.close()
  await client.close()
}

/** This process believes that it is another time; timers and the monotonic clock go on as they are. */
function shiftClock(offsetMs: number): void {
  const realNow = Date.now
  const RealDate = Date
  const now = (): number => realNow() + offsetMs
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args) => (args.length === 0 ? new target(now()) : Reflect.construct(target, args)),
    get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
  })
}
