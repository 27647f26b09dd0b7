import pg from 'pg'
import { walkProtobufTraces } from '#otlp/walk-protobuf-traces.ts'
import { dayNumber } from '#telemetry-store/postgres/copy-row.ts'
import { indexedKeys } from '#telemetry-store/postgres/indexed-keys.ts'
import { openTelemetryReader } from '#telemetry-store/postgres/open-telemetry-reader.ts'
import { SpanBatchWriter } from '#telemetry-store/postgres/span-batch-writer.ts'
import { StagedSpans } from '#telemetry-store/postgres/staged-spans.ts'
import { ensurePartitions } from '#telemetry-store/postgres/telemetry-partitions.ts'
import { ANY_FLOW } from '#telemetry-store/any-flow.ts'
import type { FlowQuery } from '#telemetry-store/telemetry-store.ts'
import { runBench } from './bench-run.ts'
import { makeBody, SPANS_PER_TRACE, TRACES_PER_BODY } from './otlp-load.ts'
import { quantile } from './quantile.ts'

const SPANS_PER_BODY = TRACES_PER_BODY * SPANS_PER_TRACE
const READS = 40
const BODIES_PER_BATCH = 10
/** The orders are spread over this much time, as a day of a shop is. */
const SPREAD_MS = 6 * 3_600_000

/** Milliseconds of each of `READS` runs over evenly spread orders. */
async function time(orders: number, read: (order: number) => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let index = 0; index < READS; index += 1) {
    const order = Math.floor((index * orders) / READS)
    const startedMs = performance.now()
    await read(order)
    times.push(performance.now() - startedMs)
  }
  return quantile(times, 0.95)
}

/** Milliseconds (p95) of the slowest indexed question to the flow list, with five million spans stored. */
await runBench('flow-search', 5_000_000, async (bench) => {
  const pool = new pg.Pool({ connectionString: await bench.startDatabase(), max: 4 })
  // The server stops right after the pool: its farewell to a closing connection is no failure.
  pool.on('error', () => undefined)
  bench.onEnd(() => pool.end())
  await ensurePartitions(pool, Date.now())
  indexedKeys.replace([{ number: 1, key: 'app.cart_size' }])
  const writer = new SpanBatchWriter(pool)
  const bodies = Math.max(1, Math.round(bench.size / SPANS_PER_BODY))
  const endMs = Date.now()
  for (let first = 0; first < bodies; first += BODIES_PER_BATCH) {
    const units = Array.from({ length: Math.min(BODIES_PER_BATCH, bodies - first) }, (_, index) => {
      const unit = new StagedSpans(dayNumber(Date.now()))
      const body = first + index
      walkProtobufTraces(makeBody(body * TRACES_PER_BODY, Math.round(endMs - SPREAD_MS * (1 - body / bodies))), unit)
      return unit
    })
    await writer.write(units)
    for (const unit of units) unit.release()
  }
  await writer.flushRollups(Date.now())
  await pool.query('vacuum analyze')
  const orders = bodies * TRACES_PER_BODY
  const reader = openTelemetryReader(pool)
  const all: FlowQuery = {
    ...ANY_FLOW,
    fromUs: (endMs - SPREAD_MS) * 1_000,
    toUs: (endMs + 60_000) * 1_000,
  }
  /** Until the page is full or all is searched: what a person waits for. */
  const ask = async (question: Partial<FlowQuery>, least: number) => {
    let count = 0
    let cursor: string | null = null
    do {
      const page = await reader.listFlows({ ...all, ...question, cursor })
      count += page.flows.length
      cursor = page.nextCursor
    } while (cursor !== null && count < all.limit)
    if (count < least) throw new Error(`${JSON.stringify(question)} found ${count}`)
  }
  const kinds: readonly (readonly [string, (order: number) => Promise<unknown>])[] = [
    ['correlation id', (order) => ask({ id: `order-${order}` }, 1)],
    ['service', () => ask({ service: 'payments' }, 50)],
    ['destination, one of forty', (order) => ask({ destination: `orders.${order % 40}` }, 50)],
    ['service that nobody has', () => ask({ service: 'nobody' }, 0)],
    ['destination that nobody has', () => ask({ destination: 'nowhere' }, 0)],
    ['status: with errors', () => ask({ status: 'error' }, 50)],
    ['errors at one destination', (order) => ask({ status: 'error', destination: `orders.${(order % 4) * 10}` }, 50)],
    ['lasting longer than any', () => ask({ minDurationUs: 60_000_000 }, 0)],
    ['failure that nobody had', () => ask({ failure: 'NobodyException' }, 0)],
    ['waited', () => ask({ minDwellUs: 1_000_000 }, 0)],
    ['message key', (order) => ask({ messageKey: `customer-${`order-${order}`.length}` }, 1)],
    [
      'attribute, indexed',
      (order) =>
        ask(
          { attribute: { key: 'app.cart_size', value: `${order % 9}`, index: { number: 1, completeFromUs: 0 } } },
          50,
        ),
    ],
    [
      'attribute, indexed, nobody has',
      () => ask({ attribute: { key: 'app.cart_size', value: '77', index: { number: 1, completeFromUs: 0 } } }, 0),
    ],
    [
      'time, a minute',
      (order) => ask({ fromUs: all.fromUs + order * 10, toUs: all.fromUs + order * 10 + 60_000_000 }, 0),
    ],
    ['histogram of all', () => reader.countFlows(all, 300_000_000)],
    [
      'histogram of a destination',
      (order) => reader.countFlows({ ...all, destination: `orders.${order % 40}` }, 300_000_000),
    ],
  ]
  const figures: Record<string, number> = {}
  for (const [name, read] of kinds) {
    const figure = await time(orders, read)
    figures[name] = Number(figure.toFixed(1))
    bench.show(`${name}, p95`, `${figure.toFixed(1)} ms`)
  }
  const bare = await time(orders, () =>
    pool.query({
      name: 'bare',
      text: `select * from flow where started_us >= $1 and started_us < $2 order by started_us desc, flow_key desc limit 50`,
      values: [all.fromUs, all.toUs],
    }),
  )
  bench.show('fifty rows by their index, one statement, p95', `${bare.toFixed(1)} ms`)
  const startedMs = performance.now()
  await ask({ attribute: { key: 'app.cart_size', value: '77', index: null } }, 0)
  const scannedPerSecond = Math.round((bodies * SPANS_PER_BODY) / ((performance.now() - startedMs) / 1_000))
  bench.show('attribute without an index, all spans looked at', `${scannedPerSecond.toLocaleString('en')} spans/s`)
  const worst = Math.max(...Object.values(figures))
  return { value: worst, unit: 'ms', baseline: bare, scannedPerSecond, ...figures, targetMax: 300 }
})
