import type pg from 'pg'
import { BoundValues } from '#telemetry-store/postgres/bound-values.ts'
import {
  isPosted,
  markCondition,
  markQuestions,
  type MarkQuestion,
  rowConditions,
} from '#telemetry-store/postgres/flow-conditions.ts'
import type { FlowHistogram, FlowQuery } from '#telemetry-store/telemetry-store.ts'

/** Stored rows beyond this are sampled. */
const MOST_ROWS = 400_000
const MOST_MARKS = 200_000
const LEAST_SHARE = 0.001

interface BucketRow {
  readonly at_us: string
  readonly count: string
  readonly bad_count: string
}

const toBucket = (factor: number) => (row: BucketRow) => ({
  atUs: Number(row.at_us),
  count: Math.round(Number(row.count) * factor),
  badCount: Math.round(Number(row.bad_count) * factor),
})

/**
 * Counts the flows of a question by when they began, or the postings by which they are found. What would need the spans
 * of every flow is left out of the question, which the answer says.
 */
export async function countFlows(pool: pg.Pool, query: FlowQuery, stepUs: number): Promise<FlowHistogram> {
  const [first, ...others] = markQuestions(query)
  if (first !== undefined) return countMarks(pool, query, first, others.length > 0, stepUs)
  const share = await shareToRead(pool)
  const bound = new BoundValues()
  const [from, to, step] = [bound.bind(query.fromUs), bound.bind(query.toUs), bound.bind(stepUs)]
  const sample = share < 1 ? `tablesample system (${(share * 100).toFixed(3)})` : ''
  const found = await pool.query<BucketRow>(
    `select f.started_us - (f.started_us - ${from}::bigint) % ${step}::bigint as at_us, count(*) as count,
       count(*) filter (where f.error_count > 0 or f.dead_letter_count > 0) as bad_count
     from flow f ${sample}
     where f.started_us >= ${from}::bigint and f.started_us < ${to}::bigint and ${rowConditions(bound, query)}
     group by 1 order by 1`,
    bound.values,
  )
  return {
    stepUs,
    buckets: found.rows.map(toBucket(1 / share)),
    sampleFactor: 1 / share,
    isUpperBound: isAsked(query.attribute),
  }
}

const isAsked = (part: unknown): boolean => part !== null && part !== undefined

/** By the planner's own count of rows, which costs nothing to ask. */
async function shareToRead(pool: pg.Pool): Promise<number> {
  const found = await pool.query<{ rows: number }>({
    name: 'telemetry-flow-row-estimate',
    text: `select coalesce(sum(greatest(c.reltuples, 0)), 0)::float8 as rows from pg_inherits i join pg_class c on c.oid = i.inhrelid
           where i.inhparent = 'flow'::regclass`,
  })
  return Math.max(LEAST_SHARE, Math.min(1, MOST_ROWS / Math.max(1, found.rows[0]?.rows ?? 0)))
}

async function countMarks(
  pool: pg.Pool,
  query: FlowQuery,
  question: MarkQuestion,
  hasOthers: boolean,
  stepUs: number,
): Promise<FlowHistogram> {
  const bound = new BoundValues()
  const [from, to, step] = [bound.bind(query.fromUs), bound.bind(query.toUs), bound.bind(stepUs)]
  const found = await pool.query<BucketRow>(
    `select p.at_us - (p.at_us - ${from}::bigint) % ${step}::bigint as at_us,
       count(distinct coalesce(p.flow_key, p.trace_id::text)) as count, 0 as bad_count
     from (select p.at_us, p.flow_key, p.trace_id from flow_mark p where ${markCondition(bound, question)}
       and p.at_us >= ${from}::bigint and p.at_us < ${to}::bigint order by p.at_us desc limit ${MOST_MARKS}) p
     group by 1 order by 1`,
    bound.values,
  )
  const isNarrower =
    hasOthers ||
    query.service !== null ||
    query.destination !== null ||
    query.status !== 'all' ||
    query.minDurationUs !== null ||
    isAsked(query.consumerGroup) ||
    isAsked(query.maxDurationUs) ||
    (isAsked(query.attribute) && !isPosted(query))
  return { stepUs, buckets: found.rows.map(toBucket(1)), sampleFactor: 1, isUpperBound: isNarrower }
}
