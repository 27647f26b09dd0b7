import type pg from 'pg'
import { BoundValues } from '#telemetry-store/postgres/bound-values.ts'
import { rowConditions } from '#telemetry-store/postgres/flow-conditions.ts'
import type { FlowEvent, MatchSource } from '#telemetry-store/postgres/match-source.ts'
import type { SearchBudget } from '#telemetry-store/postgres/search-budget.ts'
import type { FlowQuery } from '#telemetry-store/telemetry-store.ts'

export interface WalkedMatches {
  /** In the order of when it last happened. */
  readonly flowKeys: readonly string[]
  /** Everything at or after this was looked at. */
  readonly doneToUs: number
}

export interface MatchWalk {
  readonly source: MatchSource
  readonly fromUs: number
  readonly beforeUs: number
  /** Gives further SQL conditions on a row `f` of flow. */
  readonly furtherConditions: (bound: BoundValues) => readonly string[]
}

/** Goes through what happened, newest first, and gives the flows of it that are as asked. */
export async function walkMatches(
  pool: pg.Pool,
  query: FlowQuery,
  walk: MatchWalk,
  budget: SearchBudget,
): Promise<WalkedMatches> {
  const found = new Map<string, number>()
  let beforeUs = walk.beforeUs
  while (beforeUs > walk.fromUs && found.size < query.limit) {
    const { events, doneToUs } = await walk.source(walk.fromUs, beforeUs)
    for (const { flowKey, atUs } of await findFlows(pool, query, walk, events))
      if (!found.has(flowKey)) found.set(flowKey, atUs)
    beforeUs = doneToUs
    if (budget.isSpent()) break
  }
  const flows = [...found].toSorted((left, right) => right[1] - left[1] || (left[0] < right[0] ? -1 : 1))
  const last = flows[query.limit - 1]
  if (last === undefined || flows.length === query.limit)
    return { flowKeys: flows.map(([flowKey]) => flowKey), doneToUs: beforeUs }
  // An instant is never cut in two, because the next page begins before it.
  const page = flows.filter(([, atUs]) => atUs >= last[1])
  return { flowKeys: page.map(([flowKey]) => flowKey), doneToUs: last[1] }
}

interface FoundRow {
  readonly flow_key: string
  readonly at_us: string
}

async function findFlows(
  pool: pg.Pool,
  query: FlowQuery,
  walk: MatchWalk,
  events: readonly FlowEvent[],
): Promise<readonly { readonly flowKey: string; readonly atUs: number }[]> {
  if (events.length === 0) return []
  const bound = new BoundValues()
  const [at, trace, key] = [
    bound.bind(events.map((event) => event.atUs)),
    bound.bind(events.map((event) => (event.flowKey === null ? event.traceId : null))),
    bound.bind(events.map((event) => event.flowKey)),
  ]
  const conditions = [rowConditions(bound, query), ...walk.furtherConditions(bound)]
  // A trace that has a keyed flow is not listed under its own id.
  const found = await pool.query<FoundRow>(
    `with event as (select * from unnest(${at}::bigint[], ${trace}::uuid[], ${key}::text[]) as e (at_us, trace_id, flow_key)),
     keyed as (
       select at_us, flow_key from event where flow_key is not null
       union all
       select e.at_us, m.flow_key from event e join flow_member m on m.trace_id = e.trace_id
       where not m.is_fallback
         or not exists (select from flow_member o where o.trace_id = m.trace_id and not o.is_fallback)
     ),
     wanted as materialized (select flow_key, max(at_us) as at_us from keyed group by flow_key)
     select f.flow_key, max(wanted.at_us) as at_us from wanted join flow f on f.flow_key = wanted.flow_key
     where ${conditions.join(' and ')}
     group by f.flow_key order by 2 desc, 1`,
    bound.values,
  )
  return found.rows.map((row) => ({ flowKey: row.flow_key, atUs: Number(row.at_us) }))
}
