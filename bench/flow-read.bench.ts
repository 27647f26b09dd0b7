import pg from 'pg'
import { walkProtobufTraces } from '#otlp/walk-protobuf-traces.ts'
import { dayNumber } from '#telemetry-store/postgres/copy-row.ts'
import { openTelemetryReader } from '#telemetry-store/postgres/open-telemetry-reader.ts'
import { SpanBatchWriter } from '#telemetry-store/postgres/span-batch-writer.ts'
import { StagedSpans } from '#telemetry-store/postgres/staged-spans.ts'
import { ensurePartitions } from '#telemetry-store/postgres/telemetry-partitions.ts'
import { runBench } from './bench-run.ts'
import { makeBody, SPANS_PER_TRACE, TRACES_PER_BODY } from './otlp-load.ts'
import { quantile } from './quantile.ts'

const SPANS_PER_BODY = TRACES_PER_BODY * SPANS_PER_TRACE
const READS = 500
/** A page of the list costs more than a flow; fewer tell as much. */
const LIST_READS = 50
const BODIES_PER_BATCH = 10

/** Milliseconds of each of `count` runs over evenly spread orders. */
async function time(
  orders: number,
  count: number,
  read: (order: number) => Promise<unknown>,
): Promise<readonly number[]> {
  const times: number[] = []
  for (let index = 0; index < count; index += 1) {
    const order = Math.floor((index * orders) / count)
    const startedMs = performance.now()
    await read(order)
    times.push(performance.now() - startedMs)
  }
  return times
}

/** Milliseconds (p95) to read a flow by its correlation id, with two million spans stored. */
await runBench('flow-read', 2_000_000, async (bench) => {
  const pool = new pg.Pool({ connectionString: await bench.startDatabase(), max: 4 })
  // The server stops right after the pool: its farewell to a closing connection is no failure.
  pool.on('error', () => undefined)
  bench.onEnd(() => pool.end())
  await ensurePartitions(pool, Date.now())
  const writer = new SpanBatchWriter(pool)
  const bodies = Math.max(1, Math.round(bench.size / SPANS_PER_BODY))
  for (let first = 0; first < bodies; first += BODIES_PER_BATCH) {
    const units = Array.from({ length: Math.min(BODIES_PER_BATCH, bodies - first) }, (_, index) => {
      const unit = new StagedSpans(dayNumber(Date.now()))
      walkProtobufTraces(makeBody((first + index) * TRACES_PER_BODY, Date.now()), unit)
      return unit
    })
    await writer.write(units)
    for (const unit of units) unit.release()
  }
  await pool.query('analyze')
  const orders = bodies * TRACES_PER_BODY
  const reader = openTelemetryReader(pool)
  const reads = await time(orders, READS, async (order) => {
    const flow = await reader.readFlowSpans(`order-${order}`, 10_000)
    if (flow.spans.length !== SPANS_PER_TRACE) throw new Error(`order-${order} has ${flow.spans.length} spans`)
  })
  const lists = await time(orders, LIST_READS, () =>
    reader.listFlows({
      fromUs: 0,
      toUs: Date.now() * 1_000,
      id: null,
      service: 'payments',
      destination: null,
      status: 'all',
      minDurationUs: null,
      limit: 50,
      cursor: null,
    }),
  )
  const bare = await time(orders, READS, (order) =>
    pool.query({
      name: 'bare',
      text: `select * from span where trace_id in (select trace_id from flow_member where flow_key = $1)`,
      values: [`order-${order}`],
    }),
  )
  bench.show(
    `flow by correlation id of ${bodies * SPANS_PER_BODY} spans, p95`,
    `${quantile(reads, 0.95).toFixed(1)} ms`,
  )
  bench.show('page of the list, p95', `${quantile(lists, 0.95).toFixed(1)} ms`)
  bench.show('the rows alone, one statement, p95', `${quantile(bare, 0.95).toFixed(1)} ms`)
  return {
    value: quantile(reads, 0.95),
    unit: 'ms',
    baseline: quantile(bare, 0.95),
    listP95Ms: quantile(lists, 0.95),
    targetMax: 50,
  }
})
