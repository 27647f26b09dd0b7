import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'

/** Where the oldest message of a key that is to be sent lay at its origin. */
export interface KeyFloor {
  readonly orderKey: string
  readonly destination: string
  /** The group that failed on it. */
  readonly group: string
  readonly lane: string
  readonly sequence: number
}

/** Of the items of a manifest that go back to an origin with numbered places, and whose dead letters name the group. */
export async function listKeyFloors(
  database: Database,
  operationId: string,
  limit: number,
): Promise<readonly KeyFloor[]> {
  const { rows } = await database.execute<{ [Key in keyof KeyFloor]: KeyFloor[Key] }>(sql`
    select item.order_key as "orderKey", item.target_destination as destination, dl.consumer_group as "group",
      split_part(dl.origin_position, '@', 1) as lane, min(split_part(dl.origin_position, '@', 2)::bigint)::float8 as sequence
    from operation_item item join dead_letter dl on dl.id = item.dead_letter_id
    where item.operation_id = ${operationId} and item.state = 'pending' and item.order_key is not null
      and item.target_destination = dl.origin_destination and dl.consumer_group is not null
      and dl.origin_position ~ '^[0-9]{1,9}@[0-9]{1,15}$'
    group by 1, 2, 3, 4 order by 1, 2, 3, 4 limit ${limit}`)
  return rows
}
