import { gzipSync } from 'node:zlib'
import pg from 'pg'
import { ensurePartitions } from '#telemetry-store/postgres/telemetry-partitions.ts'
import { runBench } from './bench-run.ts'
import { sendAll, startCollector } from './collector-run.ts'
import { makeBody, SPANS_PER_TRACE, TRACES_PER_BODY } from './otlp-load.ts'

const SPANS_PER_BODY = TRACES_PER_BODY * SPANS_PER_TRACE
/** What is made beforehand and waits to be sent. */
const BODIES_AT_ONCE = 200

interface TableRow {
  readonly name: string
  readonly heap: string
  readonly indexes: string
  readonly total: string
}

/** Bytes on disk per span, indexes and everything that is derived from spans included: what retention has to pay for. */
await runBench('bytes-per-span', 500_000, async (bench) => {
  const databaseUrl = await bench.startDatabase()
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 })
  pool.on('error', () => undefined)
  bench.onEnd(() => pool.end())
  await ensurePartitions(pool, Date.now())
  const readEmpty = await readTables(pool)
  const { port, stop } = await startCollector(bench, databaseUrl)
  const count = Math.max(1, Math.round(bench.size / SPANS_PER_BODY))
  let plainBytes = 0
  for (let first = 0; first < count; first += BODIES_AT_ONCE) {
    const bodies = Array.from({ length: Math.min(BODIES_AT_ONCE, count - first) }, (_, index) => {
      const body = makeBody((first + index) * TRACES_PER_BODY, Date.now())
      plainBytes += body.length
      return gzipSync(body, { level: 1 })
    })
    await sendAll(port, bodies)
  }
  await stop()
  await pool.query('vacuum')
  const spans = count * SPANS_PER_BODY
  const stored = await pool.query('select count(*)::int as spans from span')
  if (stored.rows[0].spans !== spans) throw new Error(`sent ${spans} spans, stored ${stored.rows[0].spans}`)
  const empty = new Map(readEmpty.map((row) => [row.name, Number(row.total)]))
  let value = 0
  for (const row of await readTables(pool)) {
    const bytes = (Number(row.total) - (empty.get(row.name) ?? 0)) / spans
    value += bytes
    const perSpan = (size: string) => (Number(size) / spans).toFixed(0)
    if (bytes >= 0.5) bench.show(`${row.name}: rows, indexes`, `${perSpan(row.heap)}, ${perSpan(row.indexes)} B`)
  }
  bench.show('all of it', `${value.toFixed(0)} B/span`)
  return { value, unit: 'bytes', baseline: plainBytes / spans }
})

/** Sizes of the telemetry tables, the partitions of each added up. */
async function readTables(pool: pg.Pool): Promise<readonly TableRow[]> {
  const found = await pool.query<TableRow>(
    `select coalesce(parent.relname, c.relname) as name, sum(pg_table_size(c.oid)) as heap,
       sum(pg_indexes_size(c.oid)) as indexes, sum(pg_total_relation_size(c.oid)) as total
     from pg_class c left join pg_inherits i on i.inhrelid = c.oid left join pg_class parent on parent.oid = i.inhparent
     where c.relkind = 'r' and (parent.relkind = 'p' or c.relname like 'sampling%' or c.relname = 'telemetry_request')
     group by 1 order by 4 desc`,
  )
  return found.rows
}
