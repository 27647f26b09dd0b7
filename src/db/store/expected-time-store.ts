import { and, eq, sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import type { Row } from '#db/row.ts'
import { deliveryDeadline } from '#db/schema/stuck.ts'

/** How long a group may take to take a message of a destination. */
export interface ExpectedTime {
  readonly destination: string
  readonly group: string
  /** By a person; goes before what was learnt. */
  readonly setMs: number | null
  /** null = too few deliveries so far. */
  readonly learntMs: number | null
  readonly sampleCount: number
  readonly learntAtMs: number | null
  /** Messages that are past their time now. */
  readonly stuckCount: number
}

/** More than this are not listed at once. */
const MAX_LISTED = 500

/**
 * Every group that a time is known for, or that a broker knows to read there; those that a person set first.
 *
 * @param search part of a destination or group; null = all
 * @param group exactly this group; null = all
 */
export async function listExpectedTimes(
  database: Database,
  { search, group }: { readonly search: string | null; readonly group: string | null },
): Promise<{ readonly times: readonly ExpectedTime[]; readonly isCut: boolean }> {
  const part = search === null ? null : `%${search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
  const { rows } = await database.execute<Row<ExpectedTime>>(sql`
    with subject as (
      select read_from, group_name from delivery_deadline
      union select destination, group_name from group_lag
    ), wanted as (
      select * from subject
      where (${part}::text is null or read_from ilike ${part} or group_name ilike ${part})
        and (${group}::text is null or group_name = ${group})
    )
    select w.read_from as destination, w.group_name as "group", d.set_ms as "setMs", d.learnt_ms as "learntMs",
           coalesce(d.sample_count, 0) as "sampleCount",
           (extract(epoch from d.learnt_at) * 1000)::float8 as "learntAtMs",
           coalesce((select sum(s.message_count) from stuck_delivery s
             where s.resolved_at is null and s.read_from = w.read_from and s.group_name = w.group_name), 0)::int as "stuckCount"
    from wanted w left join delivery_deadline d using (read_from, group_name)
    order by d.set_ms is null, w.read_from, w.group_name limit ${MAX_LISTED + 1}`)
  return { times: rows.slice(0, MAX_LISTED), isCut: rows.length > MAX_LISTED }
}

/** What is known of one group, its row locked; null when nothing is. */
export async function lockExpectedTime(
  database: Database,
  destination: string,
  group: string,
): Promise<{ readonly setMs: number | null; readonly learntMs: number | null } | null> {
  const [row] = await database
    .select({ setMs: deliveryDeadline.setMs, learntMs: deliveryDeadline.learntMs })
    .from(deliveryDeadline)
    .where(and(eq(deliveryDeadline.readFrom, destination), eq(deliveryDeadline.groupName, group)))
    .for('update')
  return row ?? null
}

/** Whether anybody, a broker or the past, knows of the group reading there. */
export async function isReaderKnown(database: Database, destination: string, group: string): Promise<boolean> {
  const { rows } = await database.execute<{ isKnown: boolean }>(sql`
    select exists (select from group_lag where destination = ${destination} and group_name = ${group})
        or exists (select from delivery_deadline where read_from = ${destination} and group_name = ${group})
        or exists (select from stuck_delivery where read_from = ${destination} and group_name = ${group}) as "isKnown"`)
  return rows[0]?.isKnown ?? false
}

/** How many different times people have set: each is a sweep of its own. */
export async function countSetTimes(database: Database, besidesMs: number): Promise<number> {
  const { rows } = await database.execute<{ count: number }>(sql`
    select count(distinct set_ms)::int as count from delivery_deadline where set_ms is not null and set_ms <> ${besidesMs}`)
  return rows[0]?.count ?? 0
}

export async function saveSetTime(
  database: Database,
  { destination, group, setMs }: Pick<ExpectedTime, 'destination' | 'group' | 'setMs'>,
): Promise<void> {
  await database
    .insert(deliveryDeadline)
    .values({ readFrom: destination, groupName: group, setMs })
    .onConflictDoUpdate({ target: [deliveryDeadline.readFrom, deliveryDeadline.groupName], set: { setMs } })
}

/** Takes messages off the list of stuck ones that are not late by the new measure. @returns how many rows */
export async function forgiveNotLate(
  database: Database,
  { destination, group, expectedMs }: { destination: string; group: string; expectedMs: number },
): Promise<number> {
  const { rowCount } = await database.execute(sql`
    update stuck_delivery set resolved_at = now(), resolution = 'more time is allowed now'
    where resolved_at is null and read_from = ${destination} and group_name = ${group}
      and sent_at > now() - ${expectedMs} * interval '1 millisecond'`)
  return rowCount ?? 0
}
