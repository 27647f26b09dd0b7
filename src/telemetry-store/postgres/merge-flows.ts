import type pg from 'pg'
import { arrayOfPlain, arrayOfTexts } from '#telemetry-store/postgres/array-literal.ts'
import { dayText } from '#telemetry-store/postgres/copy-row.ts'
import {
  addName,
  addTally,
  type FlowTally,
  MAX_NAMES,
  sumOf,
  tallyOf,
  type TraceTally,
} from '#telemetry-store/postgres/flow-tally.ts'
import type { StagedSpans } from '#telemetry-store/postgres/staged-spans.ts'
import { MANY_KEYS, type TraceKeys } from '#telemetry-store/postgres/trace-keys.ts'

interface Member {
  readonly flowKey: string
  readonly traceId: string
  firstUs: number
  lastUs: number
}

/** What one batch adds to flow, flow_member and flow_alias. */
class FlowMerge {
  readonly flows = new Map<string, FlowTally>()
  readonly members = new Map<string, Member>()
  /** Traces that have nothing better than their own id so far. */
  readonly fallbacks = new Set<string>()
  /** Traces whose spans may have been counted under the trace id until now. */
  readonly outgrown: string[]

  constructor(outgrown: readonly string[]) {
    this.outgrown = [...outgrown]
  }

  /** The tally itself stays as it is. */
  add(key: string, traceId: string, tally: FlowTally): void {
    const flow = this.flows.get(key)
    this.flows.set(key, flow === undefined ? tally : sumOf(flow, tally))
    const pair = `${traceId}${key}`
    const member = this.members.get(pair)
    if (member === undefined)
      this.members.set(pair, { flowKey: key, traceId, firstUs: tally.firstUs, lastUs: tally.lastUs })
    else {
      member.firstUs = Math.min(member.firstUs, tally.firstUs)
      member.lastUs = Math.max(member.lastUs, tally.lastUs)
    }
  }
}

/**
 * Merges what a batch says about flows, in the transaction of the batch. A span without a key counts with the only key of
 * its trace; while the trace has none, under the trace id; when the trace has several, with none of them. `strays` are
 * traces whose row under the trace id may have been missed before. Gives the traces that it counted under their id.
 */
export async function mergeFlows(
  client: pg.ClientBase,
  units: readonly StagedSpans[],
  keys: TraceKeys,
  strays: readonly string[],
): Promise<ReadonlySet<string>> {
  const traces = mergeTraces(units)
  await learnKeys(client, traces, keys)
  const merge = new FlowMerge(strays)
  for (const trace of traces.values()) placeTrace(trace, keys, merge)
  const day = dayText(Math.max(...units.map((unit) => unit.day)))
  await upsertMembers(client, [...merge.members.values()], day)
  await foldOutgrown(client, merge, keys)
  await upsertFlows(client, merge, day)
  await insertAliases(client, units, day)
  return merge.fallbacks
}

/** The units themselves stay as they are: a batch that fails is merged again. Most traces are within one unit. */
function mergeTraces(units: readonly StagedSpans[]): Map<string, TraceTally> {
  const [first] = units
  if (first !== undefined && units.length === 1) return first.traces
  const merged = new Map<string, TraceTally>()
  for (const unit of units) {
    for (const [traceId, trace] of unit.traces) {
      const known = merged.get(traceId)
      merged.set(traceId, known === undefined ? trace : joinTraces(known, trace))
    }
  }
  return merged
}

function joinTraces(one: TraceTally, other: TraceTally): TraceTally {
  const sum: TraceTally = { traceId: one.traceId, byKey: new Map(), withoutKey: null }
  for (const trace of [one, other]) {
    for (const [key, tally] of trace.byKey) addTally(tallyOf(sum, key), tally)
    if (trace.withoutKey !== null) addTally(tallyOf(sum, null), trace.withoutKey)
  }
  return sum
}

/** Asks the database about traces that this process has not seen: another collector, or an earlier run, may have. */
async function learnKeys(client: pg.ClientBase, traces: Map<string, TraceTally>, keys: TraceKeys): Promise<void> {
  const unknown = [...traces.values()]
    .filter((trace) => trace.withoutKey !== null && trace.byKey.size === 0 && keys.find(trace.traceId) === undefined)
    .map((trace) => trace.traceId)
  if (unknown.length === 0) return
  const found = await client.query<{ trace_id: string; flow_key: string }>({
    name: 'telemetry-learn-keys',
    text: `select replace(trace_id::text, '-', '') as trace_id, flow_key from flow_member
           where trace_id = any($1::uuid[]) and not is_fallback`,
    values: [unknown],
  })
  for (const row of found.rows) keys.add(row.trace_id, row.flow_key)
}

function placeTrace(trace: TraceTally, keys: TraceKeys, merge: FlowMerge): void {
  const { traceId } = trace
  for (const [key, tally] of trace.byKey) {
    const before = keys.add(traceId, key)
    if (before === undefined || before === traceId) merge.outgrown.push(traceId)
    merge.add(key, traceId, tally)
  }
  if (trace.withoutKey === null) return
  const key = keys.find(traceId)
  if (key === MANY_KEYS) return
  if (key === undefined) keys.set(traceId, traceId)
  if (key === undefined || key === traceId) merge.fallbacks.add(traceId)
  merge.add(key ?? traceId, traceId, trace.withoutKey)
}

async function upsertMembers(client: pg.ClientBase, members: readonly Member[], day: string): Promise<void> {
  if (members.length === 0) return
  const sorted = members.toSorted(
    (left, right) => compare(left.flowKey, right.flowKey) || compare(left.traceId, right.traceId),
  )
  await client.query({
    name: 'telemetry-upsert-members',
    text: `insert into flow_member (flow_key, trace_id, first_us, last_us, is_fallback, ingest_day)
           select flow_key, trace_id, first_us, last_us, flow_key = replace(trace_id::text, '-', ''), $5::date
           from unnest($1::text[], $2::uuid[], $3::bigint[], $4::bigint[]) as new (flow_key, trace_id, first_us, last_us)
           on conflict (flow_key, trace_id, ingest_day) do update
             set first_us = least(flow_member.first_us, excluded.first_us),
                 last_us = greatest(flow_member.last_us, excluded.last_us)
             where flow_member.first_us > excluded.first_us or flow_member.last_us < excluded.last_us`,
    values: [
      arrayOfTexts(sorted.map((member) => member.flowKey)),
      arrayOfPlain(sorted.map((member) => member.traceId)),
      arrayOfPlain(sorted.map((member) => member.firstUs)),
      arrayOfPlain(sorted.map((member) => member.lastUs)),
      day,
    ],
  })
}

interface FoldedRow {
  readonly flow_key: string
  readonly started_us: string
  readonly ended_us: string
  readonly span_count: number
  readonly error_count: number
  readonly sent_count: number
  readonly hop_count: number
  readonly receive_count: number
  readonly dead_letter_count: number
  readonly redriven_count: number
  readonly services: string[]
  readonly destinations: string[]
  readonly consumer_groups: string[]
}

/** A trace that was listed under its own id and now has a key: what was counted moves to the flow of that key. */
async function foldOutgrown(client: pg.ClientBase, merge: FlowMerge, keys: TraceKeys): Promise<void> {
  if (merge.outgrown.length === 0) return
  const folded = await client.query<FoldedRow>({
    name: 'telemetry-fold-outgrown',
    text: 'delete from flow where flow_key = any($1::text[]) and is_fallback returning *',
    values: [arrayOfTexts(merge.outgrown)],
  })
  for (const row of folded.rows) {
    const key = keys.find(row.flow_key)
    if (key === undefined || key === MANY_KEYS || key === row.flow_key) continue
    merge.add(key, row.flow_key, tallyOfRow(row))
  }
}

function tallyOfRow(row: FoldedRow): FlowTally {
  const tally: FlowTally = {
    firstUs: Number(row.started_us),
    lastUs: Number(row.ended_us),
    spanCount: row.span_count,
    errorCount: row.error_count,
    sentCount: row.sent_count,
    processCount: row.hop_count,
    receiveCount: row.receive_count,
    deadLetterCount: row.dead_letter_count,
    redrivenCount: row.redriven_count,
    services: [],
    destinations: [],
    consumerGroups: [],
  }
  for (const service of row.services) addName(tally.services, service)
  for (const destination of row.destinations) addName(tally.destinations, destination)
  for (const group of row.consumer_groups) addName(tally.consumerGroups, group)
  return tally
}

const unionOf = (column: string): string =>
  `case when flow.${column} @> excluded.${column} then flow.${column} else
     array(select distinct name from unnest(flow.${column} || excluded.${column}) name order by name limit ${MAX_NAMES}) end`

/** Names travel in one text per row: arrays of arrays must not be ragged. The separator cannot occur in stored names. */
const NAME_SEPARATOR = '\u001f'

const UPSERT_FLOWS = `
  insert into flow (flow_key, started_us, ended_us, span_count, error_count, sent_count, hop_count, receive_count,
    dead_letter_count, redriven_count, services, destinations, consumer_groups, is_fallback, ingest_day)
  select flow_key, started_us, ended_us, span_count, error_count, sent_count, hop_count, receive_count,
    dead_letter_count, redriven_count, string_to_array(services, E'\\x1f'), string_to_array(destinations, E'\\x1f'),
    string_to_array(consumer_groups, E'\\x1f'), is_fallback, $15::date
  from unnest($1::text[], $2::bigint[], $3::bigint[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[], $9::int[],
    $10::int[], $11::text[], $12::text[], $13::text[], $14::bool[]) as new (flow_key, started_us, ended_us, span_count, error_count,
    sent_count, hop_count, receive_count, dead_letter_count, redriven_count, services, destinations,
    consumer_groups, is_fallback)
  on conflict (flow_key, ingest_day) do update set
    is_fallback = flow.is_fallback and excluded.is_fallback,
    started_us = least(flow.started_us, excluded.started_us),
    ended_us = greatest(flow.ended_us, excluded.ended_us),
    span_count = flow.span_count + excluded.span_count,
    error_count = flow.error_count + excluded.error_count,
    sent_count = flow.sent_count + excluded.sent_count,
    hop_count = flow.hop_count + excluded.hop_count,
    receive_count = flow.receive_count + excluded.receive_count,
    dead_letter_count = flow.dead_letter_count + excluded.dead_letter_count,
    redriven_count = flow.redriven_count + excluded.redriven_count,
    services = ${unionOf('services')},
    destinations = ${unionOf('destinations')},
    consumer_groups = ${unionOf('consumer_groups')}`

async function upsertFlows(client: pg.ClientBase, merge: FlowMerge, day: string): Promise<void> {
  if (merge.flows.size === 0) return
  const sorted = [...merge.flows].toSorted(([left], [right]) => compare(left, right))
  const column = (pick: (tally: FlowTally) => number) => arrayOfPlain(sorted.map(([, tally]) => pick(tally)))
  const names = (pick: (tally: FlowTally) => readonly string[]) =>
    arrayOfTexts(sorted.map(([, tally]) => pick(tally).join(NAME_SEPARATOR)))
  await client.query({
    name: 'telemetry-upsert-flows',
    text: UPSERT_FLOWS,
    values: [
      arrayOfTexts(sorted.map(([key]) => key)),
      column((tally) => tally.firstUs),
      column((tally) => tally.lastUs),
      column((tally) => tally.spanCount),
      column((tally) => tally.errorCount),
      column((tally) => tally.sentCount),
      column((tally) => tally.processCount),
      column((tally) => tally.receiveCount),
      column((tally) => tally.deadLetterCount),
      column((tally) => tally.redrivenCount),
      names((tally) => tally.services),
      names((tally) => tally.destinations),
      names((tally) => tally.consumerGroups),
      arrayOfPlain(sorted.map(([key]) => merge.fallbacks.has(key))),
      day,
    ],
  })
}

async function insertAliases(client: pg.ClientBase, units: readonly StagedSpans[], day: string): Promise<void> {
  const aliases = new Map(units.flatMap((unit) => [...unit.aliases]))
  if (aliases.size === 0) return
  const sorted = [...aliases].toSorted(([left], [right]) => compare(left, right))
  await client.query({
    name: 'telemetry-insert-aliases',
    text: `insert into flow_alias (alias, flow_key, ingest_day)
           select alias, flow_key, $3::date from unnest($1::text[], $2::text[]) as new (alias, flow_key)
           on conflict do nothing`,
    values: [arrayOfTexts(sorted.map(([alias]) => alias)), arrayOfTexts(sorted.map(([, key]) => key)), day],
  })
}

/** The same order in every batch, so that two of them never wait for each other in a circle. */
const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)
