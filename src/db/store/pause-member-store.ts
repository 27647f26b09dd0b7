import { and, asc, eq, gt, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { epochMs } from '#db/epoch-ms.ts'
import { pauseMember } from '#db/schema/pause.ts'
import type { PauseMember } from '#domain/pause/pause-lease.ts'

/** Members of one group that are remembered; more of them are still told what is asked. */
export const MAX_MEMBERS = 5_000
/** A consumer that has said nothing for so long is gone. */
const FORGET_AFTER_S = 900

/** A consumer on the control channel, as it last reported. */
export interface StoredMember extends PauseMember {
  readonly memberId: string
  readonly clientName: string
  readonly address: string
  readonly problem: string | null
}

export interface MemberReport {
  readonly clusterId: string
  readonly group: string
  readonly memberId: string
  readonly clientName: string
  readonly address: string
  readonly state: PauseMember['state']
  readonly leaseId: string | null
  readonly inFlight: number | null
  readonly problem: string | null
}

/** Writes what a consumer says of itself; `stateSince` moves only when its state or its pause does. */
export async function upsertMember(database: Database, report: MemberReport): Promise<void> {
  await database.execute(sql`
    insert into pause_member as known
      (cluster_id, group_name, member_id, client_name, address, state, lease_id, in_flight, problem)
    select ${report.clusterId}, ${report.group}, ${report.memberId}, ${report.clientName}, ${report.address},
           ${report.state}, ${report.leaseId}::uuid, ${report.inFlight}::int, ${report.problem}
    where (select count(*) from pause_member where cluster_id = ${report.clusterId} and group_name = ${report.group}
             and member_id <> ${report.memberId}) < ${MAX_MEMBERS}
    on conflict (cluster_id, group_name, member_id) do update set
      client_name = excluded.client_name, address = excluded.address, state = excluded.state,
      lease_id = excluded.lease_id, in_flight = excluded.in_flight, problem = excluded.problem, reported_at = now(),
      state_since = case when (known.state, known.lease_id) is not distinct from (excluded.state, excluded.lease_id)
                         then known.state_since else now() end`)
}

/** A consumer that says goodbye. */
export async function deleteMember(
  database: Database,
  of: Pick<MemberReport, 'clusterId' | 'group' | 'memberId'>,
): Promise<void> {
  await database
    .delete(pauseMember)
    .where(
      and(
        eq(pauseMember.clusterId, of.clusterId),
        eq(pauseMember.groupName, of.group),
        eq(pauseMember.memberId, of.memberId),
      ),
    )
}

/** The consumers of a group that reported in the last quarter of an hour, by name; at most 5,000. */
export async function listMembers(
  database: Database,
  clusterId: string,
  group: string,
): Promise<readonly StoredMember[]> {
  return database
    .select({
      memberId: pauseMember.memberId,
      clientName: pauseMember.clientName,
      address: pauseMember.address,
      state: pauseMember.state,
      leaseId: pauseMember.leaseId,
      inFlight: pauseMember.inFlight,
      problem: pauseMember.problem,
      stateSinceMs: epochMs(pauseMember.stateSince),
      reportedAtMs: epochMs(pauseMember.reportedAt),
    })
    .from(pauseMember)
    .where(
      and(
        eq(pauseMember.clusterId, clusterId),
        eq(pauseMember.groupName, group),
        gt(pauseMember.reportedAt, sql`now() - ${FORGET_AFTER_S} * interval '1 second'`),
      ),
    )
    .orderBy(asc(pauseMember.clientName), asc(pauseMember.memberId))
    .limit(MAX_MEMBERS)
}

/** Consumers that went without a goodbye. */
export async function deleteSilentMembers(database: Database): Promise<void> {
  await database
    .delete(pauseMember)
    .where(sql`${pauseMember.reportedAt} < now() - ${FORGET_AFTER_S} * interval '1 second'`)
}
