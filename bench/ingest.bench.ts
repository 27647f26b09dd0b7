import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { gzipSync } from 'node:zlib'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { walkProtobufTraces } from '#otlp/walk-protobuf-traces.ts'
import { COPY_HEADER, COPY_TRAILER, dayNumber } from '#telemetry-store/postgres/copy-row.ts'
import { COPY_EVENTS } from '#telemetry-store/postgres/message-event-row.ts'
import { COPY_SPANS } from '#telemetry-store/postgres/span-row.ts'
import { StagedSpans } from '#telemetry-store/postgres/staged-spans.ts'
import { ensurePartitions } from '#telemetry-store/postgres/telemetry-partitions.ts'
import { type Bench, runBench } from './bench-run.ts'
import { makeBody, SPANS_PER_TRACE, TRACES_PER_BODY } from './otlp-load.ts'

const SPANS_PER_BODY = TRACES_PER_BODY * SPANS_PER_TRACE
const CONNECTIONS = 24
/** Bodies per COPY of the baseline: batches as big as the collector's. */
const BODIES_PER_COPY = 10

/** Rows per second of COPY alone: the same rows, encoded beforehand, into the same tables, over two connections. */
async function measureCopy(pool: pg.Pool, bodies: readonly Buffer[]): Promise<number> {
  const staged = bodies.map((body) => {
    const unit = new StagedSpans(dayNumber(Date.now()))
    walkProtobufTraces(body, unit)
    return { spans: Buffer.from(unit.spans.written()), events: Buffer.from(unit.events.written()) }
  })
  const startedMs = performance.now()
  const lane = async (): Promise<void> => {
    const client = await pool.connect()
    for (let batch = staged.splice(0, BODIES_PER_COPY); batch.length > 0; batch = staged.splice(0, BODIES_PER_COPY)) {
      await client.query('begin')
      await copy(
        client,
        COPY_SPANS,
        batch.map((unit) => unit.spans),
      )
      await copy(
        client,
        COPY_EVENTS,
        batch.map((unit) => unit.events),
      )
      await client.query('commit')
    }
    client.release()
  }
  await Promise.all([lane(), lane()])
  return (bodies.length * SPANS_PER_BODY) / ((performance.now() - startedMs) / 1_000)
}

async function copy(client: pg.ClientBase, statement: string, chunks: readonly Buffer[]): Promise<void> {
  const stream = client.query(copyFrom(statement))
  const done = finished(stream)
  stream.write(COPY_HEADER)
  for (const chunk of chunks) stream.write(chunk)
  stream.end(COPY_TRAILER)
  await done
}

async function startCollector(bench: Bench, databaseUrl: string): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'ingest-collector.ts')], {
    env: { ...process.env, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  bench.onEnd(async () => {
    if (child.exitCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  const [line] = (await once(child.stdout!, 'data')) as [Buffer]
  return { child, port: Number(/port (\d+)/.exec(line.toString())?.[1]) }
}

function post(agent: Agent, port: number, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'gzip',
      'content-length': body.length,
    }
    const sent = request({ agent, port, host: '127.0.0.1', path: '/v1/traces', method: 'POST', headers }, (answer) => {
      answer.resume()
      answer.on('end', () => resolve(answer.statusCode ?? 0))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Sends every body over closed-loop connections; gives the seconds it took and the times to acknowledge in ms. */
async function sendAll(port: number, bodies: readonly Buffer[]): Promise<{ seconds: number; ackMs: number[] }> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const waiting = [...bodies]
  const ackMs: number[] = []
  const startedMs = performance.now()
  const sender = async (): Promise<void> => {
    for (let body = waiting.pop(); body !== undefined; body = waiting.pop()) {
      const sentMs = performance.now()
      let status = await post(agent, port, body)
      while (status === 503) {
        await new Promise((resolve) => setTimeout(resolve, 50))
        status = await post(agent, port, body)
      }
      if (status !== 200) throw new Error(`the collector answered ${status}`)
      ackMs.push(performance.now() - sentMs)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, sender))
  agent.destroy()
  return { seconds: (performance.now() - startedMs) / 1_000, ackMs }
}

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((left, right) => left - right)[Math.floor(share * (values.length - 1))] ?? 0

/** CPU seconds that a process has used. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Spans/s that one collector takes over OTLP/HTTP, gzip protobuf with 12 attributes, acknowledged after commit. */
await runBench('ingest', 400_000, async (bench) => {
  const databaseUrl = await bench.startDatabase()
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 })
  // The server stops right after the pool: its farewell to a closing connection is no failure.
  pool.on('error', () => undefined)
  bench.onEnd(() => pool.end())
  await ensurePartitions(pool, Date.now())
  const count = Math.max(1, Math.round(bench.size / SPANS_PER_BODY))
  const plain = Array.from({ length: Math.min(count, 200) }, (_, index) =>
    makeBody(1e9 + index * TRACES_PER_BODY, Date.now()),
  )
  const copyRate = await measureCopy(pool, plain)
  plain.length = 0
  bench.show('raw binary COPY of the same rows, 2 connections', `${Math.round(copyRate)} spans/s`)
  await pool.query('truncate span, message_event')
  const bodies = Array.from({ length: count }, (_, index) =>
    gzipSync(makeBody(index * TRACES_PER_BODY, Date.now()), { level: 6 }),
  )
  const { child, port } = await startCollector(bench, databaseUrl)
  const cpuBefore = cpuSeconds(child.pid!)
  const { seconds, ackMs } = await sendAll(port, bodies)
  const cpuUs = ((cpuSeconds(child.pid!) - cpuBefore) * 1e6) / (count * SPANS_PER_BODY)
  const peakMb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024
  const stored = await pool.query(
    'select count(*)::int as spans, (select count(*)::int from flow) as flows, (select sum(span_count)::int from flow) as counted from span',
  )
  const sent = count * SPANS_PER_BODY
  if (stored.rows[0].spans !== sent || stored.rows[0].counted !== sent)
    throw new Error(`sent ${sent} spans, stored ${JSON.stringify(stored.rows[0])}`)
  const value = sent / seconds
  bench.show('ingest, acknowledged after commit', `${Math.round(value)} spans/s`)
  bench.show(
    'acknowledged within, p50 / p99',
    `${quantile(ackMs, 0.5).toFixed(0)} / ${quantile(ackMs, 0.99).toFixed(0)} ms`,
  )
  bench.show('collector: CPU per span, peak memory', `${cpuUs.toFixed(1)} us, ${peakMb.toFixed(0)} MB`)
  return {
    value,
    unit: 'spans/s',
    baseline: copyRate,
    ackP99Ms: quantile(ackMs, 0.99),
    collectorMb: peakMb,
    collectorCpuUs: cpuUs,
  }
})
