import type pg from 'pg'
import { BoundValues } from '#telemetry-store/postgres/bound-values.ts'
import { indexedConditions, IS_OWN_ROW, rowConditions } from '#telemetry-store/postgres/flow-conditions.ts'
import { type Segment, segmentsOf } from '#telemetry-store/postgres/name-segments.ts'
import type { SearchBudget } from '#telemetry-store/postgres/search-budget.ts'
import type { FlowQuery } from '#telemetry-store/telemetry-store.ts'

/** Rows looked at by one statement: few at first, because most questions are answered by the newest flows. */
const FIRST_SLICE = 2_000
const MOST_PER_SLICE = 40_000

export interface FlowPlace {
  readonly startedUs: string
  readonly flowKey: string
}

export interface WalkedFlows {
  readonly found: readonly FlowPlace[]
  /** Where the next page begins; null at the end of the window. */
  readonly next: FlowPlace | null
}

interface SliceRow {
  readonly flow_key: string
  readonly started_us: string
  readonly is_found: boolean
  readonly is_end: boolean
}

const placeOf = (row: SliceRow): FlowPlace => ({ startedUs: row.started_us, flowKey: row.flow_key })

/** Goes through the rows of flows, newest start first, until the page is full, the window ends or the budget is spent. */
export async function walkFlows(
  pool: pg.Pool,
  query: FlowQuery,
  from: FlowPlace | null,
  budget: SearchBudget,
): Promise<WalkedFlows> {
  const found: FlowPlace[] = []
  const toUs = from === null ? query.toUs : Math.min(query.toUs, Number(from.startedUs) + 1)
  for await (const segment of segmentsOf(pool, { ...query, toUs })) {
    const walked = await walkSegment(pool, { ...query, limit: query.limit - found.length }, segment, from, budget)
    found.push(...walked.found)
    if (walked.next !== null) return { found, next: walked.next }
    const isEnd = segment.fromUs <= query.fromUs
    // No key is below the empty one: the next page begins right under the segment.
    if (!isEnd && (found.length >= query.limit || budget.isSpent()))
      return { found, next: { startedUs: String(segment.fromUs), flowKey: '' } }
  }
  return { found, next: null }
}

async function walkSegment(
  pool: pg.Pool,
  query: FlowQuery,
  segment: Segment,
  from: FlowPlace | null,
  budget: SearchBudget,
): Promise<WalkedFlows> {
  const found: FlowPlace[] = []
  let at = from
  for (let size = FIRST_SLICE; ; size = Math.min(size * 5, MOST_PER_SLICE)) {
    const wanted = query.limit - found.length
    const rows = await readSlice(pool, query, segment, at, size, wanted + 1)
    const matches = rows.filter((row) => row.is_found).map(placeOf)
    found.push(...matches.slice(0, wanted))
    if (matches.length > wanted) return { found, next: found.at(-1) ?? null }
    const end = rows.at(-1)
    if (end?.is_end !== true) return { found, next: null }
    at = placeOf(end)
    if (found.length >= query.limit || budget.isSpent()) return { found, next: at }
  }
}

/** The rows that match among the next `size`, and the last of those `size` whether it matches or not. */
async function readSlice(
  pool: pg.Pool,
  query: FlowQuery,
  { fromUs, toUs, isLongOnly }: Segment,
  from: FlowPlace | null,
  size: number,
  limit: number,
): Promise<readonly SliceRow[]> {
  const bound = new BoundValues()
  const window = `f.started_us >= ${bound.bind(fromUs)}::bigint and f.started_us < ${bound.bind(toUs)}::bigint`
  const place =
    from === null
      ? ''
      : `and (f.started_us, f.flow_key) < (${bound.bind(from.startedUs)}::bigint, ${bound.bind(from.flowKey)}::text)`
  const isFound = `(${rowConditions(bound, query)} and ${IS_OWN_ROW})`
  const found = await pool.query<SliceRow>(
    `select f.flow_key, f.started_us, ${isFound} as is_found, f.place = ${size} as is_end from (
       select f.*, row_number() over () as place from (
         select * from flow f where ${window} ${place} and ${indexedConditions(query, isLongOnly)}
         order by f.started_us desc, f.flow_key desc limit ${size}
       ) f
     ) f where f.place = ${size} or ${isFound} limit ${limit}`,
    bound.values,
  )
  return found.rows
}
