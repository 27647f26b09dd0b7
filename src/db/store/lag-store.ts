import { and, eq, lt, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { type consumerEvent, groupLag, lagSample } from '#db/schema/cluster.ts'
import type { LagEvaluation } from '#domain/lag/lag-evaluation.ts'
import type { LagSample } from '#domain/lag/lag-status.ts'

export interface LaneName {
  readonly group: string
  readonly destination: string
  readonly lane: string
}

export interface NewLagSample extends LaneName, LagSample {}

export interface GroupVerdict {
  readonly group: string
  readonly destination: string
  readonly evaluation: LagEvaluation
}

/** Appends to the poll history in one statement, whatever the number of lanes. */
export async function insertLagSamples(
  database: Database,
  clusterId: string,
  samples: readonly NewLagSample[],
): Promise<void> {
  if (samples.length === 0) return
  const column = <Value>(read: (sample: NewLagSample) => Value) => sql.param(samples.map(read))
  await database.execute(sql`
    insert into lag_sample (cluster_id, group_name, destination, lane, at, committed, end_position, start_position)
    select ${clusterId}, group_name, destination, lane, to_timestamp(at_ms / 1000.0), committed, end_position, start_position
    from unnest(
      ${column(({ group }) => group)}::text[], ${column(({ destination }) => destination)}::text[],
      ${column(({ lane }) => lane)}::text[], ${column(({ atMs }) => atMs)}::float8[],
      ${column(({ committed }) => committed)}::bigint[], ${column(({ end }) => end)}::bigint[],
      ${column(({ start }) => start)}::bigint[]
    ) as sample (group_name, destination, lane, at_ms, committed, end_position, start_position)
    on conflict do nothing`)
}

/** The history of all lanes of a cluster since `sinceMs`, oldest first; the newest 200,000 readings when there are more. */
export async function readLagHistory(
  database: Database,
  clusterId: string,
  sinceMs: number,
): Promise<readonly NewLagSample[]> {
  const rows = await database
    .select()
    .from(lagSample)
    .where(and(eq(lagSample.clusterId, clusterId), sql`${lagSample.at} >= ${new Date(sinceMs)}`))
    .orderBy(sql`${lagSample.at} desc`)
    .limit(200_000)
  return rows.toReversed().map((row) => ({
    group: row.groupName,
    destination: row.destination,
    lane: row.lane,
    atMs: row.at.getTime(),
    committed: row.committed,
    end: row.endPosition,
    start: row.startPosition,
  }))
}

/** Rows of one statement. */
const CHUNK = 1_000

/** Replaces the latest verdicts; `stateSince` moves only when the state does. */
export async function upsertGroupLag(
  database: Database,
  clusterId: string,
  verdicts: readonly GroupVerdict[],
  asOfMs: number,
): Promise<void> {
  for (let at = 0; at < verdicts.length; at += CHUNK) {
    const rows = verdicts.slice(at, at + CHUNK).map(toRow)
    await database.execute(sql`
      insert into group_lag as stored (cluster_id, group_name, destination, state_since, as_of, ${COLUMNS})
      select ${clusterId}, group_name, destination, to_timestamp(${asOfMs}::float8 / 1000),
             to_timestamp(${asOfMs}::float8 / 1000), ${COLUMNS}
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as verdict (
        group_name text, destination text, state text, sentence text, lag_messages bigint, lost_messages bigint,
        time_behind_ms float8, time_behind_error_ms float8, time_behind_method text, drain_per_second float8,
        drain_outlook text, drains_in_ms float8, drains_low_ms float8, drains_high_ms float8, first_loss_in_ms float8,
        loss_cause text, loss_if_stopped_in_ms float8, is_expected boolean, is_approximate boolean, proof jsonb, lanes jsonb)
      on conflict (cluster_id, group_name, destination) do update set
        state_since = case when stored.state = excluded.state then stored.state_since else excluded.state_since end,
        as_of = excluded.as_of, ${REPLACED}`)
  }
}

const NAMES =
  'state, sentence, lag_messages, lost_messages, time_behind_ms, time_behind_error_ms, time_behind_method, drain_per_second, drain_outlook, drains_in_ms, ' +
  'drains_low_ms, drains_high_ms, first_loss_in_ms, loss_cause, loss_if_stopped_in_ms, is_expected, is_approximate, proof, lanes'
const COLUMNS = sql.raw(NAMES)
const REPLACED = sql.raw(
  NAMES.split(', ')
    .map((name) => `${name} = excluded.${name}`)
    .join(', '),
)

const toRow = ({ group, destination, evaluation }: GroupVerdict) => ({
  group_name: group,
  destination,
  state: evaluation.state,
  sentence: evaluation.sentence,
  lag_messages: evaluation.lagMessages,
  lost_messages: evaluation.lostMessages,
  time_behind_ms: evaluation.timeBehindMs,
  time_behind_error_ms: evaluation.timeBehindErrorMs,
  time_behind_method: evaluation.timeBehindMethod,
  drain_per_second: evaluation.drainPerSecond,
  drain_outlook: evaluation.drainOutlook,
  drains_in_ms: evaluation.drainsInMs,
  drains_low_ms: evaluation.drainsLowMs,
  drains_high_ms: evaluation.drainsHighMs,
  first_loss_in_ms: evaluation.firstLossInMs,
  loss_cause: evaluation.lossCause,
  loss_if_stopped_in_ms: evaluation.lossIfStoppedInMs,
  is_expected: evaluation.isExpected,
  is_approximate: evaluation.isApproximate,
  proof: evaluation.proof,
  lanes: evaluation.lanes,
})

/** What was known of the groups of a cluster that cannot be read any more is not what they are. */
export async function markGroupsUnknown(database: Database, clusterId: string, because: string): Promise<void> {
  const sentence = `Not known: ${because}.`
  await database.execute(sql`
    with marked as (
      update group_lag set state = 'UNKNOWN', sentence = ${sentence}, state_since = now(), lag_messages = null,
        time_behind_ms = null, time_behind_error_ms = null, drain_per_second = null, drain_outlook = 'unknown',
        drains_in_ms = null, drains_low_ms = null, drains_high_ms = null, first_loss_in_ms = null
      where cluster_id = ${clusterId} and state <> 'UNKNOWN' returning group_name, destination
    )
    insert into consumer_event (cluster_id, group_name, destination, at, kind, state, sentence)
    select ${clusterId}, group_name, destination, now(), 'state', 'UNKNOWN', ${sentence} from marked`)
}

/** Verdicts that no complete reading has confirmed since `beforeMs`: the group or its commits are gone. */
export async function deleteStaleGroupLag(database: Database, clusterId: string, beforeMs: number): Promise<void> {
  await database.delete(groupLag).where(and(eq(groupLag.clusterId, clusterId), lt(groupLag.asOf, new Date(beforeMs))))
}

export async function deleteGroupLag(
  database: Database,
  clusterId: string,
  gone: readonly Pick<GroupVerdict, 'group' | 'destination'>[],
): Promise<void> {
  if (gone.length === 0) return
  await database.execute(sql`
    delete from group_lag using unnest(
      ${sql.param(gone.map(({ group }) => group))}::text[], ${sql.param(gone.map((one) => one.destination))}::text[]
    ) as gone (group_name, destination)
    where cluster_id = ${clusterId} and group_lag.group_name = gone.group_name
      and group_lag.destination = gone.destination`)
}

export interface GroupState {
  readonly group: string
  readonly destination: string
  readonly state: string
}

/** The states that are stored, of at most 200,000 groups on destinations. */
export async function listGroupStates(database: Database, clusterId: string): Promise<readonly GroupState[]> {
  return database
    .select({ group: groupLag.groupName, destination: groupLag.destination, state: groupLag.state })
    .from(groupLag)
    .where(eq(groupLag.clusterId, clusterId))
    .limit(200_000)
}

/** Whether positions of the group overstate what is there; as the last verdict says, false before the first one. */
export async function readIsApproximate(
  database: Database,
  clusterId: string,
  { group, destination }: Pick<GroupState, 'group' | 'destination'>,
): Promise<boolean> {
  const [row] = await database
    .select({ isApproximate: groupLag.isApproximate })
    .from(groupLag)
    .where(and(eq(groupLag.clusterId, clusterId), eq(groupLag.groupName, group), eq(groupLag.destination, destination)))
  return row?.isApproximate ?? false
}

export interface NewConsumerEvent {
  readonly group: string
  /** null = the group as a whole. */
  readonly destination: string | null
  readonly atMs: number
  readonly kind: (typeof consumerEvent.kind.enumValues)[number]
  /** The state that began; null for what is no state. */
  readonly state: string | null
  readonly sentence: string
}

/** Appends to what happened to the groups of a cluster, in one statement: after a start it happens to all of them. */
export async function insertConsumerEvents(
  database: Database,
  clusterId: string,
  events: readonly NewConsumerEvent[],
): Promise<void> {
  if (events.length === 0) return
  const rows = events.map(({ group, destination, atMs, kind, state, sentence }) => ({
    group_name: group,
    destination,
    at_ms: atMs,
    kind,
    state,
    sentence,
  }))
  await database.execute(sql`
    insert into consumer_event (cluster_id, group_name, destination, at, kind, state, sentence)
    select ${clusterId}, group_name, destination, to_timestamp(at_ms / 1000), kind, state, sentence
    from rows from (jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as (
      group_name text, destination text, at_ms float8, kind text, state text, sentence text)) with ordinality
      as event (group_name, destination, at_ms, kind, state, sentence, ordinal)
    order by ordinal`)
}
