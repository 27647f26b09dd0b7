import type pg from 'pg'
import { BoundValues } from '#telemetry-store/postgres/bound-values.ts'
import { type MarkQuestion, markCondition } from '#telemetry-store/postgres/flow-conditions.ts'
import { type AttributePlaces, hasAttribute } from '#telemetry-store/postgres/span-attribute.ts'

/** Something happened by which a flow is looked for: in the flow of that key, or of that trace. */
export interface FlowEvent {
  readonly atUs: number
  /** A uuid. */
  readonly traceId: string | null
  readonly flowKey: string | null
}

export interface FlowEvents {
  readonly events: readonly FlowEvent[]
  /** Everything at or after this was given. */
  readonly doneToUs: number
}

/** Gives what happened before an instant and not before another, newest first, in parts. */
export type MatchSource = (fromUs: number, beforeUs: number) => Promise<FlowEvents>

interface EventRow {
  readonly at_us: string
  readonly trace_id: string | null
  readonly flow_key: string | null
}

const toEvent = (row: EventRow): FlowEvent => ({
  atUs: Number(row.at_us),
  traceId: row.trace_id,
  flowKey: row.flow_key,
})

const FIRST_CHUNK = 250
const MOST_PER_CHUNK = 4_000

/** Postings in the order of their index. The instant of the last one is given whole with the next part. */
export function readMarks(pool: pg.Pool, question: MarkQuestion): MatchSource {
  let size = FIRST_CHUNK
  return async (fromUs, beforeUs) => {
    const bound = new BoundValues()
    const limit = size
    const found = await pool.query<EventRow>(
      `select p.at_us, p.trace_id, p.flow_key from flow_mark p where ${markCondition(bound, question)}
         and p.at_us >= ${bound.bind(fromUs)}::bigint and p.at_us < ${bound.bind(beforeUs)}::bigint
       order by p.at_us desc limit ${limit}`,
      bound.values,
    )
    const events = found.rows.map(toEvent)
    const last = events.at(-1)
    size = Math.min(size * 4, MOST_PER_CHUNK)
    if (last === undefined || events.length < limit) return { events, doneToUs: fromUs }
    const whole = events.filter((event) => event.atUs > last.atUs)
    // More at one instant than a part holds: what is beyond is left out rather than never passed.
    if (whole.length === 0) return { events, doneToUs: last.atUs }
    return { events: whole, doneToUs: last.atUs + 1 }
  }
}

/** How long one statement of a search through spans should take. */
const SLICE_MS = { aim: 60, most: 200 }
const FIRST_SLICE_US = 1_000_000
const LEAST_SLICE_US = 10_000
const MOST_PER_SLICE = 2_000

/** Postings of any value, or spans one by one: parts of time that grow and shrink with what a statement took. */
function readSlices(read: (fromUs: number, beforeUs: number) => Promise<readonly FlowEvent[]>): MatchSource {
  let sliceUs = FIRST_SLICE_US
  return async (fromUs, beforeUs) => {
    const sliceFromUs = Math.max(fromUs, beforeUs - sliceUs)
    const startedMs = performance.now()
    const events = await read(sliceFromUs, beforeUs)
    const tookMs = performance.now() - startedMs
    if (tookMs < SLICE_MS.aim / 4) sliceUs *= 4
    else if (tookMs < SLICE_MS.aim) sliceUs *= 2
    else if (tookMs > SLICE_MS.most) sliceUs = Math.max(LEAST_SLICE_US, Math.round(sliceUs / 2))
    const last = events.at(-1)
    if (last === undefined || events.length < MOST_PER_SLICE) return { events, doneToUs: sliceFromUs }
    const whole = events.filter((event) => event.atUs > last.atUs)
    if (whole.length === 0) return { events, doneToUs: last.atUs }
    return { events: whole, doneToUs: last.atUs + 1 }
  }
}

/** Postings of a key whatever their value: no index has those in order of time. */
export const readMarksOfAnyValue = (pool: pg.Pool, question: MarkQuestion): MatchSource =>
  readSlices(async (fromUs, beforeUs) => {
    const bound = new BoundValues()
    const found = await pool.query<EventRow>(
      `select max(p.at_us) as at_us, p.trace_id, p.flow_key from flow_mark p where ${markCondition(bound, question)}
         and p.at_us >= ${bound.bind(fromUs)}::bigint and p.at_us < ${bound.bind(beforeUs)}::bigint
       group by p.trace_id, p.flow_key order by 1 desc limit ${MOST_PER_SLICE}`,
      bound.values,
    )
    return found.rows.map(toEvent)
  })

/** Spans that have an attribute, found by looking at every span. */
export const readSpansWith = (pool: pg.Pool, places: AttributePlaces): MatchSource =>
  readSlices(async (fromUs, beforeUs) => {
    const bound = new BoundValues()
    const found = await pool.query<EventRow>(
      `select max(s.start_us) as at_us, s.trace_id, s.correlation_id as flow_key from span s
       where s.start_us >= ${bound.bind(fromUs)}::bigint and s.start_us < ${bound.bind(beforeUs)}::bigint
         and ${hasAttribute(bound, places)}
       group by s.trace_id, s.correlation_id order by 1 desc limit ${MOST_PER_SLICE}`,
      bound.values,
    )
    return found.rows.map(toEvent)
  })
