import type pg from 'pg'
import { drawHopStrip, type StripEvent, type StripStep } from '#domain/flow/hop-strip.ts'
import { OPERATION_NUMBERS } from '#telemetry-store/postgres/span-row.ts'

/** Enough for a glance; a strip is not the flow. */
const MAX_TRACES = 6
/** Traces of a flow among which the first are looked for. */
const MAX_MEMBERS = 1_000
const MAX_SPANS_PER_TRACE = 200
/** Of one span. */
const MAX_LINKS = 50
const LINK_BYTES = 24

interface EventRow {
  readonly flow_key: string
  readonly service: string
  readonly destination: string
  readonly operation: number
  readonly start_us: string
  readonly is_error: boolean
  readonly span_id: string
  readonly parent_span_id: string | null
  readonly links: Buffer | null
}

/** The strips of the flows of a list, from the first spans of their first traces. */
export async function readHopStrips(
  pool: pg.Pool,
  keys: readonly string[],
): Promise<ReadonlyMap<string, readonly StripStep[]>> {
  if (keys.length === 0) return new Map()
  const found = await pool.query<EventRow>({
    name: 'telemetry-hop-strips',
    text: `select k.flow_key, s.service, s.destination, s.operation, s.start_us, s.status = 2 as is_error,
             encode(s.span_id, 'hex') as span_id, encode(s.parent_span_id, 'hex') as parent_span_id,
             substring(s.links from 1 for ${MAX_LINKS * LINK_BYTES}) as links
           from unnest($1::text[]) as k (flow_key)
           join lateral (select distinct on (m.first_us, m.trace_id) m.trace_id
             from (select first_us, trace_id from flow_member where flow_key = k.flow_key limit ${MAX_MEMBERS}) m order by m.first_us, m.trace_id limit ${MAX_TRACES}) m on true
           join lateral (select * from span where span.trace_id = m.trace_id limit ${MAX_SPANS_PER_TRACE}) s on true
           where s.operation is not null and s.operation <> ${OPERATION_NUMBERS.indexOf('settle')}
             and s.destination is not null
             and (s.correlation_id = k.flow_key or s.correlation_id is null)`,
    values: [keys],
  })
  const byKey = Map.groupBy(found.rows, (row) => row.flow_key)
  return new Map([...byKey].map(([key, rows]) => [key, drawHopStrip(withoutFetches(rows).map(toStripEvent))]))
}

const RECEIVE = OPERATION_NUMBERS.indexOf('receive')
const PROCESS = OPERATION_NUMBERS.indexOf('process')

/** Some clients make a receive span beside the process span of a message: one delivery is drawn once. */
function withoutFetches(rows: readonly EventRow[]): readonly EventRow[] {
  const processed = new Set(
    rows.filter(({ operation }) => operation === PROCESS).map((row) => `${row.service}\0${row.destination}`),
  )
  return rows.filter((row) => row.operation !== RECEIVE || !processed.has(`${row.service}\0${row.destination}`))
}

function sendersOf({ links, parent_span_id: parent }: EventRow): readonly string[] {
  if (links === null) return parent === null ? [] : [parent]
  return Array.from({ length: Math.floor(links.length / LINK_BYTES) }, (_, link) =>
    links.toString('hex', link * LINK_BYTES + 16, (link + 1) * LINK_BYTES),
  )
}

const toStripEvent = (row: EventRow): StripEvent => ({
  spanId: row.span_id,
  senderIds: sendersOf(row),
  service: row.service,
  destination: row.destination,
  isSend: row.operation < RECEIVE,
  atUs: Number(row.start_us),
  isError: row.is_error,
})
