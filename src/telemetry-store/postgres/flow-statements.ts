import type { BurstRow, BurstStatement } from '#telemetry-store/postgres/send-burst.ts'
import { arrayOfPlain, arrayOfTexts } from '#telemetry-store/postgres/array-literal.ts'
import { type FlowTally, MAX_NAMES } from '#telemetry-store/postgres/flow-tally.ts'
import type { FlowMember } from '#telemetry-store/postgres/merge-flows.ts'

/** Which flow keys are stored for these traces; rows of trace id (32 hex digits) and key, as {@link readTraceKeys} reads them. */
export const selectTraceKeys = (traceIds: readonly string[]): BurstStatement => ({
  name: 'telemetry-trace-keys',
  text: `select replace(trace_id::text, '-', ''), flow_key from flow_member
         where trace_id = any($1::uuid[]) and not is_fallback`,
  values: [arrayOfPlain(traceIds)],
})

export const readTraceKeys = (
  rows: readonly BurstRow[],
): readonly { readonly traceId: string; readonly key: string }[] =>
  rows.map(([traceId, key]) => ({ traceId: traceId ?? '', key: key ?? '' }))

export function upsertMembers(members: Iterable<FlowMember>, day: string): readonly BurstStatement[] {
  const sorted = [...members].toSorted(
    (left, right) => compare(left.flowKey, right.flowKey) || compare(left.traceId, right.traceId),
  )
  if (sorted.length === 0) return []
  return [
    {
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
    },
  ]
}

/** Names travel in one text per row: arrays of arrays must not be ragged. The separator cannot occur in stored names. */
const NAME_SEPARATOR = '\u001f'

const unionOf = (column: string): string =>
  `case when flow.${column} @> excluded.${column} then flow.${column} else
     array(select distinct name from unnest(flow.${column} || excluded.${column}) name order by name limit ${MAX_NAMES}) end`

const ADD_TO_FLOW = `
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
  ${ADD_TO_FLOW}`

const namesOf = (column: string): string =>
  `array(select distinct name from placed other, unnest(other.${column}) name where other.key = placed.key
     order by name limit ${MAX_NAMES})`

const MOVE_OUTGROWN = `
  with taken as (delete from flow where flow_key = any($1::text[]) and is_fallback returning *),
    placed as (select new.key, taken.* from taken
      join unnest($1::text[], $2::text[]) as new (trace_id, key) on new.trace_id = taken.flow_key and new.key is not null)
  insert into flow (flow_key, started_us, ended_us, span_count, error_count, sent_count, hop_count, receive_count,
    dead_letter_count, redriven_count, services, destinations, consumer_groups, is_fallback, ingest_day)
  select key, min(started_us), max(ended_us), sum(span_count), sum(error_count), sum(sent_count), sum(hop_count),
    sum(receive_count), sum(dead_letter_count), sum(redriven_count), ${namesOf('services')}, ${namesOf('destinations')},
    ${namesOf('consumer_groups')}, false, $3::date
  from placed group by key order by key
  ${ADD_TO_FLOW}`

/**
 * What is listed under these trace ids moves to the flows of their keys; null = it counts with no single flow and only
 * goes away.
 */
export function moveOutgrown(outgrown: ReadonlyMap<string, string | null>, day: string): readonly BurstStatement[] {
  if (outgrown.size === 0) return []
  return [
    {
      name: 'telemetry-move-outgrown',
      text: MOVE_OUTGROWN,
      values: [arrayOfTexts([...outgrown.keys()]), arrayOfTexts([...outgrown.values()]), day],
    },
  ]
}

/** `fallbacks`: those that are listed under a trace id. */
export function upsertFlows(
  flows: ReadonlyMap<string, FlowTally>,
  fallbacks: ReadonlySet<string>,
  day: string,
): readonly BurstStatement[] {
  if (flows.size === 0) return []
  const sorted = [...flows].toSorted(([left], [right]) => compare(left, right))
  const column = (pick: (tally: FlowTally) => number) => arrayOfPlain(sorted.map(([, tally]) => pick(tally)))
  const names = (pick: (tally: FlowTally) => readonly string[]) =>
    arrayOfTexts(sorted.map(([, tally]) => pick(tally).join(NAME_SEPARATOR)))
  return [
    {
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
        arrayOfPlain(sorted.map(([key]) => fallbacks.has(key))),
        day,
      ],
    },
  ]
}

export function insertAliases(aliases: ReadonlyMap<string, string>, day: string): readonly BurstStatement[] {
  if (aliases.size === 0) return []
  const sorted = [...aliases].toSorted(([left], [right]) => compare(left, right))
  return [
    {
      name: 'telemetry-insert-aliases',
      text: `insert into flow_alias (alias, flow_key, ingest_day)
             select alias, flow_key, $3::date from unnest($1::text[], $2::text[]) as new (alias, flow_key)
             on conflict do nothing`,
      values: [arrayOfTexts(sorted.map(([alias]) => alias)), arrayOfTexts(sorted.map(([, key]) => key)), day],
    },
  ]
}

/** The same order in every batch, so that two of them never wait for each other in a circle. */
const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)
