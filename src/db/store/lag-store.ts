import { and, eq, lt, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { groupLag, lagSample } from '#db/schema/cluster.ts'
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

/** Replaces the latest verdicts; `stateSince` moves only when the state does. */
export async function upsertGroupLag(
  database: Database,
  clusterId: string,
  verdicts: readonly GroupVerdict[],
  asOfMs: number,
): Promise<void> {
  const asOf = new Date(asOfMs)
  for (let at = 0; at < verdicts.length; at += 500) {
    const rows = verdicts.slice(at, at + 500).map(({ group, destination, evaluation: { lanes, ...verdict } }) => ({
      ...verdict,
      lanes: [...lanes],
      clusterId,
      groupName: group,
      destination,
      stateSince: asOf,
      asOf,
    }))
    await database
      .insert(groupLag)
      .values(rows)
      .onConflictDoUpdate({
        target: [groupLag.clusterId, groupLag.groupName, groupLag.destination],
        set: {
          stateSince: sql`case when group_lag.state = excluded.state then group_lag.state_since else excluded.state_since end`,
          state: sql`excluded.state`,
          sentence: sql`excluded.sentence`,
          lagMessages: sql`excluded.lag_messages`,
          lostMessages: sql`excluded.lost_messages`,
          timeBehindMs: sql`excluded.time_behind_ms`,
          timeBehindErrorMs: sql`excluded.time_behind_error_ms`,
          drainPerSecond: sql`excluded.drain_per_second`,
          drainsInMs: sql`excluded.drains_in_ms`,
          firstLossInMs: sql`excluded.first_loss_in_ms`,
          lanes: sql`excluded.lanes`,
          asOf,
        },
      })
  }
}

/** Verdicts that no complete reading has confirmed since `beforeMs`: the group or its commits are gone. */
export async function deleteStaleGroupLag(database: Database, clusterId: string, beforeMs: number): Promise<void> {
  await database.delete(groupLag).where(and(eq(groupLag.clusterId, clusterId), lt(groupLag.asOf, new Date(beforeMs))))
}
