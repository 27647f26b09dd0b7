import { gzipSync } from 'node:zlib'
import pg from 'pg'
import { walkProtobufTraces } from '#otlp/walk-protobuf-traces.ts'
import { COPY_HEADER, COPY_TRAILER, dayNumber } from '#telemetry-store/postgres/copy-row.ts'
import { COPY_MARKS } from '#telemetry-store/postgres/flow-mark.ts'
import { COPY_EVENTS } from '#telemetry-store/postgres/message-event-row.ts'
import { sendBurst } from '#telemetry-store/postgres/send-burst.ts'
import { COPY_SPANS } from '#telemetry-store/postgres/span-row.ts'
import { StagedSpans } from '#telemetry-store/postgres/staged-spans.ts'
import { ensurePartitions } from '#telemetry-store/postgres/telemetry-partitions.ts'
import { runBench } from './bench-run.ts'
import { cpuSeconds, memoryMb, sendAll, serverCpuSeconds, startCollector } from './collector-run.ts'
import { quantile } from './quantile.ts'
import { makeBody, SPANS_PER_TRACE, TRACES_PER_BODY } from './otlp-load.ts'

const SPANS_PER_BODY = TRACES_PER_BODY * SPANS_PER_TRACE
/** Bodies per COPY of the baseline: batches as big as the collector's. */
const BODIES_PER_COPY = 10

/** Rows per second of COPY alone: the same rows, encoded beforehand, into the same tables, over two connections. */
async function measureCopy(pool: pg.Pool, bodies: readonly Buffer[]): Promise<number> {
  const staged = bodies.map((body) => {
    const unit = new StagedSpans(dayNumber(Date.now()))
    walkProtobufTraces(body, unit)
    const rows = { spans: unit.spans, events: unit.events, marks: unit.marks.rows }
    const copied = Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, Buffer.from(row.written())]))
    unit.release()
    return copied as Record<keyof typeof rows, Buffer>
  })
  const startedMs = performance.now()
  const lane = async (): Promise<void> => {
    const client = await pool.connect()
    for (let batch = staged.splice(0, BODIES_PER_COPY); batch.length > 0; batch = staged.splice(0, BODIES_PER_COPY)) {
      await client.query('begin')
      await sendBurst(client, [
        { text: COPY_SPANS, chunks: [COPY_HEADER, ...batch.map((unit) => unit.spans), COPY_TRAILER] },
        { text: COPY_EVENTS, chunks: [COPY_HEADER, ...batch.map((unit) => unit.events), COPY_TRAILER] },
        { text: COPY_MARKS, chunks: [COPY_HEADER, ...batch.map((unit) => unit.marks), COPY_TRAILER] },
      ])
      await client.query('commit')
    }
    client.release()
  }
  await Promise.all([lane(), lane()])
  return (bodies.length * SPANS_PER_BODY) / ((performance.now() - startedMs) / 1_000)
}

/** A part of the run is this long at most when the pace is given. */
const PACED_SECONDS = 20

const makeBodies = (first: number, count: number): readonly Buffer[] =>
  Array.from({ length: count }, (_, index) =>
    gzipSync(makeBody((first + index) * TRACES_PER_BODY, Date.now()), { level: 6 }),
  )

/** Spans per second over OTLP/HTTP, acknowledged after commit, with everything on: hops, flows, search, sums, sampling. */
await runBench('ingest', 400_000, async (bench) => {
  const databaseUrl = await bench.startDatabase()
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 })
  // The server stops right after the pool: its farewell to a closing connection is no failure.
  pool.on('error', () => undefined)
  bench.onEnd(() => pool.end())
  await ensurePartitions(pool, Date.now())
  const count = Math.max(3, Math.round(bench.size / SPANS_PER_BODY))
  const plain = Array.from({ length: Math.min(count, 200) }, (_, index) =>
    makeBody(1e9 + index * TRACES_PER_BODY, Date.now()),
  )
  const copyRate = await measureCopy(pool, plain)
  plain.length = 0
  bench.show('raw binary COPY of the same rows, 2 connections', `${Math.round(copyRate)} spans/s`)
  await pool.query('truncate span, message_event, flow_mark')
  const bodies = makeBodies(0, count)
  const { child, port } = await startCollector(bench, databaseUrl)
  const pid = child.pid!
  const third = Math.ceil(count / 3)
  const before = { collector: cpuSeconds(pid), server: await serverCpuSeconds(pool) }
  const parts = []
  for (const from of [0, third, 2 * third]) {
    const part = bodies.slice(from, from + third)
    const { seconds, ackMs } = await sendAll(port, part)
    parts.push({ spans: part.length * SPANS_PER_BODY, seconds, ackMs, memory: memoryMb(pid) })
  }
  const sent = count * SPANS_PER_BODY
  const cpuUs = {
    collector: ((cpuSeconds(pid) - before.collector) * 1e6) / sent,
    server: (((await serverCpuSeconds(pool)) - before.server) * 1e6) / sent,
  }
  const value = sent / parts.reduce((sum, { seconds }) => sum + seconds, 0)
  const pacedRate = value / 2 / SPANS_PER_BODY
  const paced = makeBodies(count, Math.max(3, Math.min(Math.ceil(count / 3), Math.ceil(pacedRate * PACED_SECONDS))))
  const { ackMs } = await sendAll(port, paced, pacedRate)
  await checkStored(pool, sent + paced.length * SPANS_PER_BODY)
  const [first, , last] = parts
  const steadiness = last!.spans / last!.seconds / (first!.spans / first!.seconds)
  const saturated = parts.flatMap((part) => part.ackMs)
  const showAcks = (times: readonly number[]) =>
    `${quantile(times, 0.5).toFixed(0)} / ${quantile(times, 0.99).toFixed(0)} ms`
  bench.show('ingest, acknowledged after commit', `${Math.round(value)} spans/s`)
  bench.show('the last third against the first', steadiness.toFixed(2))
  bench.show('acknowledged within, p50 / p99, at half that rate', showAcks(ackMs))
  bench.show('the same when sent as fast as it is taken', showAcks(saturated))
  bench.show('CPU per span: collector, Postgres', `${cpuUs.collector.toFixed(1)}, ${cpuUs.server.toFixed(1)} us`)
  bench.show(
    'collector memory: first third, end, peak',
    [first!.memory.now, last!.memory.now, memoryMb(pid).peak].map((mb) => mb.toFixed(0)).join(', ') + ' MB',
  )
  return {
    value,
    unit: 'spans/s',
    baseline: copyRate,
    ackP99Ms: quantile(ackMs, 0.99),
    ackP99SaturatedMs: quantile(saturated, 0.99),
    steadiness,
    collectorMb: memoryMb(pid).peak,
    collectorGrowthMb: last!.memory.now - first!.memory.now,
    collectorCpuUs: cpuUs.collector,
    postgresCpuUs: cpuUs.server,
  }
})

/** Nothing that was acknowledged may be missing, and the sums of the list must agree with the spans. */
async function checkStored(pool: pg.Pool, sent: number): Promise<void> {
  const stored = await pool.query(
    'select (select count(*)::int from span) as spans, (select sum(span_count)::int from flow) as counted',
  )
  if (stored.rows[0].spans !== sent || stored.rows[0].counted !== sent)
    throw new Error(`sent ${sent} spans, stored ${JSON.stringify(stored.rows[0])}`)
}
