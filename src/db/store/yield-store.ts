import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import type { LedgerFence } from '#db/store/operation-ledger-store.ts'
import type { LagReading } from '#domain/operation/yield-rate.ts'

/** What the rate yields down to from now on, and why; null = it goes at the cap. Does nothing for an older holder. */
export async function recordYield(
  database: Database,
  fence: LedgerFence,
  yielded: { readonly ratePerSecond: number; readonly reason: string } | null,
): Promise<void> {
  await database.execute(sql`
    update operation set yielded_rate = ${yielded?.ratePerSecond ?? null}, yield_reason = ${yielded?.reason ?? null}
    where id = ${fence.operationId} and fencing_token = ${fence.token}`)
}

/** How far groups are behind on these destinations, as they were last polled; the first `limit` by name. */
export async function listPolledLags(
  database: Database,
  clusterId: string,
  destinations: readonly string[],
  limit: number,
): Promise<readonly LagReading[]> {
  const { rows } = await database.execute<{ [Key in keyof LagReading]: LagReading[Key] }>(sql`
    select group_name as "group", destination, lag_messages::float8 as "lagMessages" from group_lag
    where cluster_id = ${clusterId} and destination = any(${sql.param([...destinations])}::text[])
      and lag_messages is not null
    order by destination, group_name limit ${limit}`)
  return rows
}
