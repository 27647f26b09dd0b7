import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import type { Row } from '#db/row.ts'
import {
  type DestinationReader,
  isOwnState,
  type LaneWitness,
  type ReaderMember,
} from '#domain/flow/destination-reader.ts'
import type { LaneVerdict } from '#domain/lag/lag-evaluation.ts'
import type { LagSample } from '#domain/lag/lag-status.ts'

const MAX_READERS = 500
const MAX_SAMPLES = 50_000
/** Readings of the last minutes, from which rates are known. */
const RECENT_MS = 360_000
/** Before and after the time in question; positions are written down at least once a minute. */
const MARGIN_MS = 90_000
/** A longer stretch of history is not read at once. */
const MAX_STRETCH_MS = 900_000

interface ReaderRow {
  readonly clusterId: string
  readonly clusterKind: string
  readonly group: string
  readonly destination: string
  readonly kind: string
  readonly subscribedTo: string | null
  readonly isExempt: boolean
  readonly state: string | null
  readonly asOfMs: number | null
  readonly lanes: readonly LaneVerdict[] | null
  readonly members: readonly ReaderMember[] | null
}

/**
 * Groups that the broker knows on what senders call `names`: those with a position there, those whose members are
 * assigned to it, and those of queues that get copies of it. At most 500; null = on every destination. No history yet.
 */
export async function listDestinationReaders(
  database: Database,
  names: readonly string[] | null,
): Promise<readonly DestinationReader[]> {
  const wanted = names === null ? null : sql.param([...names])
  const { rows } = await database.execute<Row<ReaderRow>>(sql`
    with wanted as (
      select d.cluster_id, c.kind as cluster_kind, d.name, d.kind, d.settings ->> 'subscribedTo' as subscribed_to,
             d.is_internal or d.dead_letter_found_by is not null as is_exempt
      from destination d join cluster c on c.id = d.cluster_id and c.removed_at is null
      where d.gone_at is null and (${wanted}::text[] is null or d.name = any(${wanted}::text[])
        or string_to_array(d.settings ->> 'subscribedTo', ', ') && ${wanted}::text[])
      limit 2000
    ), known as (
      select w.*, l.group_name from wanted w join group_lag l on l.cluster_id = w.cluster_id and l.destination = w.name
      union
      select w.*, g.name from wanted w join consumer_group g on g.cluster_id = w.cluster_id and g.members
        @> jsonb_build_array(jsonb_build_object('assignments', jsonb_build_array(jsonb_build_object('destination', w.name))))
    )
    select k.cluster_id as "clusterId", k.cluster_kind as "clusterKind", k.group_name as "group", k.name as destination,
           k.kind, k.subscribed_to as "subscribedTo", k.is_exempt as "isExempt", l.state, l.lanes,
           (extract(epoch from l.as_of) * 1000)::float8 as "asOfMs",
           case when jsonb_typeof(g.members) = 'array' then g.members end as members
    from known k
    left join group_lag l on l.cluster_id = k.cluster_id and l.group_name = k.group_name and l.destination = k.name
    left join consumer_group g on g.cluster_id = k.cluster_id and g.name = k.group_name
    where g.gone_at is null
    order by k.cluster_id, k.name, k.group_name limit ${MAX_READERS}`)
  return rows.map(toReader)
}

const toReader = (row: ReaderRow): DestinationReader => ({
  clusterId: row.clusterId,
  clusterKind: row.clusterKind,
  group: row.group,
  destination: row.destination,
  sentTo: [row.destination, ...(row.subscribedTo?.split(', ') ?? [])],
  isQueue: row.kind === 'queue',
  isExempt: row.isExempt || isOwnState(row.destination),
  state: row.state,
  asOfMs: row.asOfMs,
  lanes: (row.lanes ?? []).map((lane) => ({
    lane: lane.lane,
    committed: lane.committed,
    start: lane.start,
    end: lane.end,
    timeBehindMs: lane.timeBehindMs,
    timeBehindErrorMs: lane.timeBehindErrorMs,
    samples: [],
  })),
  members: row.members,
})

/** Milliseconds since the epoch; messages in question were sent in it. */
export interface SentWindow {
  readonly fromMs: number
  readonly toMs: number
}

interface SampleRow extends LagSample {
  readonly clusterId: string
  readonly group: string
  readonly destination: string
  readonly lane: string
}

/** The readers with the position history around the times in question, and of the last minutes. */
export async function addLaneHistory(
  database: Database,
  readers: readonly DestinationReader[],
  windowOf: (reader: DestinationReader) => SentWindow | null,
  nowMs: number,
): Promise<readonly DestinationReader[]> {
  const asked = readers.flatMap((reader) => {
    const window = reader.clusterId === null ? null : windowOf(reader)
    return window === null ? [] : [{ reader, fromMs: window.fromMs - MARGIN_MS, toMs: endOf(window) }]
  })
  if (asked.length === 0) return readers
  const text = (read: (reader: DestinationReader) => string | null) =>
    sql.param(asked.map(({ reader }) => read(reader)))
  const { rows } = await database.execute<Row<SampleRow>>(sql`
    select s.cluster_id as "clusterId", s.group_name as "group", s.destination, s.lane,
           (extract(epoch from s.at) * 1000)::float8 as "atMs", s.committed::float8 as committed,
           s.end_position::float8 as "end", s.start_position::float8 as "start"
    from unnest(${text(({ clusterId }) => clusterId)}::text[], ${text(({ group }) => group)}::text[],
           ${text(({ destination }) => destination)}::text[], ${sql.param(asked.map(({ fromMs }) => fromMs))}::float8[],
           ${sql.param(asked.map(({ toMs }) => toMs))}::float8[]) as asked (cluster_id, group_name, destination, from_ms, to_ms)
    join lag_sample s on s.cluster_id = asked.cluster_id and s.group_name = asked.group_name
      and s.destination = asked.destination
      and (s.at between to_timestamp(from_ms / 1000) and to_timestamp(to_ms / 1000)
        or s.at > to_timestamp(${(nowMs - RECENT_MS) / 1_000}::float8))
    order by s.at limit ${MAX_SAMPLES}`)
  const samples = Map.groupBy(rows, (row) => laneKey(row, row.lane))
  return readers.map((reader) => ({
    ...reader,
    lanes: reader.lanes.map((witness): LaneWitness => ({
      ...witness,
      samples: samples.get(laneKey(reader, witness.lane)) ?? [],
    })),
  }))
}

const endOf = ({ fromMs, toMs }: SentWindow): number => Math.min(toMs, fromMs + MAX_STRETCH_MS) + MARGIN_MS

const laneKey = (
  { clusterId, group, destination }: { clusterId: string | null; group: string; destination: string },
  lane: string,
): string => JSON.stringify([clusterId, group, destination, lane])
