import type pg from 'pg'
import { BoundValues } from '#telemetry-store/postgres/bound-values.ts'
import {
  flowHasAttribute,
  flowHasMark,
  IS_OWN_ROW,
  isPosted,
  type MarkQuestion,
  markQuestions,
  rowConditions,
} from '#telemetry-store/postgres/flow-conditions.ts'
import { hashOfMark, kindOfAttribute } from '#telemetry-store/postgres/flow-mark.ts'
import {
  type MatchSource,
  readMarks,
  readMarksOfAnyValue,
  readSpansWith,
} from '#telemetry-store/postgres/match-source.ts'
import { readFlowSummaries } from '#telemetry-store/postgres/read-flow-summaries.ts'
import { readHopStrips } from '#telemetry-store/postgres/read-hop-strips.ts'
import { type NamedMessage, readNamesOfTraces } from '#telemetry-store/postgres/record-ids.ts'
import { findFlowKeys, isTraceId, MAX_KEYS } from '#telemetry-store/postgres/resolve-flow-key.ts'
import { SearchBudget } from '#telemetry-store/postgres/search-budget.ts'
import { decodeSearchCursor, encodeSearchCursor } from '#telemetry-store/postgres/search-cursor.ts'
import { type AttributePlaces, findAttributePlaces } from '#telemetry-store/postgres/span-attribute.ts'
import { type FlowPlace, walkFlows } from '#telemetry-store/postgres/walk-flows.ts'
import { walkMatches } from '#telemetry-store/postgres/walk-matches.ts'
import type { FlowPage, FlowQuery } from '#telemetry-store/telemetry-store.ts'

const MAX_PAGE = 200
/** One request of a search goes on for this long, plus the statement that is running then. */
const BUDGET_MS = 180

interface FoundKeys {
  readonly isHub?: boolean
  readonly keys: readonly string[]
  readonly nextCursor: string | null
  readonly searchedToUs: number
  readonly searchedIn: FlowPage['searchedIn']
}

/**
 * Reads a page of flows, newest first; see {@link FlowQuery} for what is newest. A flow over several days has a row for
 * each: the oldest stands for it, and the page adds the others. Rows of traces that turned out to belong to a keyed flow
 * are left out.
 */
export async function listFlows(
  pool: pg.Pool,
  asked: FlowQuery,
  nowUs: number,
  signal?: AbortSignal,
): Promise<FlowPage> {
  const query = { ...asked, limit: Math.min(Math.max(1, asked.limit), MAX_PAGE) }
  const { keys, isHub = false, ...page } = await findPage(pool, query, new SearchBudget(BUDGET_MS, signal))
  const [summaries, strips, names] = await Promise.all([
    readFlowSummaries(pool, keys, nowUs),
    readHopStrips(pool, keys),
    readNamesOfTraces(pool, keys.filter(isTraceId)),
  ])
  const flows = summaries.map((flow) => ({
    ...flow,
    recordName: onlyNameOf(flow.flowKey, names),
    strip: strips.get(flow.flowKey) ?? [],
  }))
  return { ...page, isHub, flows }
}

/** null where records of one trace carry different ids: it is of several flows. */
function onlyNameOf(traceId: string, names: readonly NamedMessage[]): string | null {
  const own = names.filter(({ ends }) => ends.some((end) => end.traceId === traceId))
  const ids = new Set(own.map(({ id }) => id))
  return ids.size === 1 ? (own[0]?.id ?? null) : null
}

async function findPage(pool: pg.Pool, query: FlowQuery, budget: SearchBudget): Promise<FoundKeys> {
  if (query.id !== null) return findById(pool, query, query.id)
  const marks = markQuestions(query)
  if (marks.length === 0 && !query.attribute) return findByRow(pool, query, budget)
  return findByMatch(pool, query, marks, budget)
}

async function findByRow(pool: pg.Pool, query: FlowQuery, budget: SearchBudget): Promise<FoundKeys> {
  const cursor = decodeSearchCursor(query.cursor)
  const { found, next } = await walkFlows(pool, query, cursor?.kind === 'place' ? cursor.place : null, budget)
  return {
    keys: found.map(({ flowKey }) => flowKey),
    nextCursor: next === null ? null : encodeSearchCursor({ kind: 'place', place: next }),
    searchedToUs: next === null ? query.fromUs : Number(next.startedUs),
    searchedIn: 'flows',
  }
}

/** An id is looked for at any time. */
async function findById(pool: pg.Pool, query: FlowQuery, id: string): Promise<FoundKeys> {
  const known = await findFlowKeys(pool, id)
  const isHub = known.length === MAX_KEYS
  const done = { nextCursor: null, searchedToUs: query.fromUs, searchedIn: 'flows', isHub } as const
  if (known.length === 0) return { keys: [], ...done }
  const bound = new BoundValues()
  const conditions = [`f.flow_key = any(${bound.bind(known)}::text[])`, rowConditions(bound, query), IS_OWN_ROW]
  conditions.push(...markQuestions(query).map((question) => flowHasMark(bound, question)))
  if (query.attribute && !isPosted(query))
    conditions.push(flowHasAttribute(bound, await findAttributePlaces(pool, query.attribute)))
  const cursor = decodeSearchCursor(query.cursor)
  if (cursor?.kind === 'place') {
    const { startedUs, flowKey } = cursor.place
    conditions.push(`(f.started_us, f.flow_key) < (${bound.bind(startedUs)}::bigint, ${bound.bind(flowKey)}::text)`)
  }
  const found = await pool.query<{ flow_key: string; started_us: string }>(
    `select f.flow_key, f.started_us from flow f where ${conditions.join(' and ')}
     order by f.started_us desc, f.flow_key desc limit ${query.limit + 1}`,
    bound.values,
  )
  const places = found.rows.map((row): FlowPlace => ({ startedUs: row.started_us, flowKey: row.flow_key }))
  const page = places.slice(0, query.limit)
  const last = page.at(-1)
  const keys = page.map(({ flowKey }) => flowKey)
  if (places.length <= query.limit || last === undefined) return { keys, ...done }
  return { keys, ...done, nextCursor: encodeSearchCursor({ kind: 'place', place: last }) }
}

async function findByMatch(
  pool: pg.Pool,
  query: FlowQuery,
  marks: readonly MarkQuestion[],
  budget: SearchBudget,
): Promise<FoundKeys> {
  const { attribute } = query
  const places = attribute && !isPosted(query) ? await findAttributePlaces(pool, attribute) : null
  const [first, ...others] = marks
  const source = first === undefined ? attributeSource(pool, query, places) : markSource(pool, first)
  const cursor = decodeSearchCursor(query.cursor)
  const { flowKeys, doneToUs } = await walkMatches(
    pool,
    query,
    {
      source,
      fromUs: query.fromUs,
      beforeUs: cursor?.kind === 'instant' ? Math.min(cursor.beforeUs, query.toUs) : query.toUs,
      furtherConditions: (bound) => [
        ...others.map((question) => flowHasMark(bound, question)),
        ...(places !== null && first !== undefined ? [flowHasAttribute(bound, places)] : []),
      ],
    },
    budget,
  )
  const isPostings = first !== undefined || (attribute?.index?.completeFromUs ?? Number.POSITIVE_INFINITY) < doneToUs
  return {
    keys: flowKeys,
    nextCursor: doneToUs > query.fromUs ? encodeSearchCursor({ kind: 'instant', beforeUs: doneToUs }) : null,
    searchedToUs: doneToUs,
    searchedIn: isPostings ? 'postings' : 'spans',
  }
}

const markSource = (pool: pg.Pool, question: MarkQuestion): MatchSource =>
  question.value === null ? readMarksOfAnyValue(pool, question) : readMarks(pool, question)

/** Postings as far back as they are complete, spans before that. */
function attributeSource(pool: pg.Pool, { attribute }: FlowQuery, places: AttributePlaces | null): MatchSource {
  if (!attribute || places === null) throw new Error('a source of an attribute that is not asked for')
  const spans = readSpansWith(pool, places)
  if (attribute.index === null) return spans
  const { number, completeFromUs } = attribute.index
  const value = attribute.value === null ? null : hashOfMark(attribute.value)
  const marks = markSource(pool, { kind: kindOfAttribute(number), value, isLeast: false })
  return (fromUs, beforeUs) =>
    beforeUs > completeFromUs ? marks(Math.max(fromUs, completeFromUs), beforeUs) : spans(fromUs, beforeUs)
}
