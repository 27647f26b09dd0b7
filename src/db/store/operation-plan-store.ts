import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { readingGroup } from '#db/store/reading-group.ts'
import { matchesSelection } from '#db/store/dead-letter-selection.ts'
import type { OperationRow } from '#db/store/operation-store.ts'
import type { PlaceDurability } from '#domain/operation/describe-durability.ts'
import type { KnownReader, ManifestFacts } from '#domain/operation/draft-plan.ts'
import { MAX_REDRIVES, type PlannedExclusion } from '#domain/operation/redrive-plan.ts'

/** Where copies go that only the group which failed may see, or why there is no such place. */
export interface FoundRetry {
  readonly origin: string | null
  readonly group: string | null
  readonly target: string | null
  readonly problem: string | null
}

/**
 * Freezes the manifest in one statement, so that it is the selection as of one instant: one item per open dead letter,
 * in the order in which they lie there, with its target and the reason when it is not to be sent. Trace and span id of
 * the copy follow from operation and ordinal, so a copy sent twice is the same span.
 *
 * @returns how many items there are now; at most `limit + 1` are looked at, more than `limit` means "too many"
 */
export async function freezeManifest(
  database: Database,
  row: OperationRow,
  limit: number,
  retries: readonly FoundRetry[] = [],
): Promise<number> {
  const isRetry = row.targetKind === 'retry'
  const column = (read: (found: FoundRetry) => string | null) => sql`${sql.param(retries.map(read))}::text[]`
  const { rowCount } = await database.execute(sql`
    insert into operation_item
      (operation_id, ordinal, dead_letter_id, source_position, target_destination, order_key, correlation_id,
       state, reason, trace_id, span_id)
    select ${row.id}, ordinal, id, position, target, order_key, correlation_id,
      case when quarantine is not null then 'quarantined' when skip is not null then 'skipped' else 'pending' end,
      coalesce(quarantine, skip), substr(mark, 1, 32), substr(mark, 33, 16)
    from (
      select letter.*,
        encode(sha256(convert_to(${row.id} || ':' || ordinal, 'UTF8')), 'hex') as mark,
        case when redrive_count >= ${MAX_REDRIVES}
          then 'came back ' || redrive_count || ' times: never sent again by a bulk operation' end as quarantine,
        case
          when ${isRetry}::boolean and target = '' then coalesce(retry_problem, 'too many groups and origins at once')
          when target = '' then 'the origin is unknown'
          when target = ${row.source} then 'the origin is the dead-letter place itself'
          when is_reference then 'it holds only a reference to the message: its share group does not copy records'
          when has_inventory and (place.name is null or place.gone_at is not null) then target || ' does not exist'
          when place.is_internal then target || ' is internal to the broker'
          when ${row.targetKind} = 'destination' and place.dead_letter_found_by is not null
            then target || ' is a dead-letter place'
        end as skip
      from (
        select dl.id, dl.position, dl.correlation_id, dl.redrive_count,
          dl.dialect = 'kafka-share-group' and dl.message_key is null and dl.payload is null and not exists (
            select from message_archive kept where kept.dead_letter_id = dl.id and kept.expires_at > clock_timestamp()
          ) as is_reference,
          (row_number() over (order by dl.id))::int as ordinal,
          case when ${isRetry}::boolean then coalesce(retry.target, '')
            else coalesce(${row.target}::text, dl.origin_destination, '') end as target,
          retry.problem as retry_problem,
          left(encode(sha256(dl.message_key), 'hex'), 16) as order_key
        from dead_letter dl
        left join unnest(${column((one) => one.origin)}, ${column((one) => one.group)}, ${column((one) => one.target)},
          ${column((one) => one.problem)}) as retry(origin, failed_group, target, problem)
          on retry.origin is not distinct from dl.origin_destination
          and retry.failed_group is not distinct from dl.consumer_group
        where ${matchesSelection(row)}
        order by dl.id
        limit ${limit + 1}
      ) letter
      left join destination place on place.cluster_id = ${row.clusterId} and place.name = letter.target
      cross join (select exists (select 1 from destination where cluster_id = ${row.clusterId}) as has_inventory) known
    ) judged`)
  await database.execute(sql`analyze operation_item`)
  return rowCount ?? 0
}

/** Where the manifest sends to, most messages first; at most `limit`. */
export async function listTargets(database: Database, operationId: string, limit: number): Promise<readonly string[]> {
  const { rows } = await database.execute<{ name: string }>(sql`
    select target_destination as name from operation_item
    where operation_id = ${operationId} and state = 'pending' group by 1 order by count(*) desc, 1 limit ${limit}`)
  return rows.map((row) => row.name)
}

/** SHA-256 over source positions, targets and first states of the manifest, in order, and the edit; 64 hex digits. */
export async function hashManifest(database: Database, operationId: string): Promise<string> {
  const { rows } = await database.execute<{ hash: string }>(sql`
    select encode(sha256(convert_to(coalesce(
      string_agg(source_position || '>' || target_destination || '>' || state, E'\n' order by ordinal), '')
      || coalesce((select E'\n' || edit::text from operation where id = ${operationId} and edit <> 'null'), ''), 'UTF8')), 'hex') as hash
    from operation_item where operation_id = ${operationId}`)
  return rows[0]?.hash ?? ''
}

/** Everything that the dry run is drafted from, by a few aggregates over the frozen manifest. */
export async function readManifestFacts(
  database: Database,
  row: OperationRow,
  found: Pick<ManifestFacts, 'edit' | 'overtaken' | 'change' | 'health' | 'schemas'>,
): Promise<ManifestFacts> {
  const sums = await readSums(database, row.id)
  const { rows: sends } = await database.execute<ManifestFacts['sends'][number]>(sql`
    select sent.destination, ${readingGroup(sql`${row.clusterId}`)} as "failedGroup", sum(sent.count)::int as count
    from (
      select item.target_destination as destination, dl.origin_destination as origin, dl.consumer_group as failed_group,
        count(*) as count
      from operation_item item left join dead_letter dl on dl.id = item.dead_letter_id
      where item.operation_id = ${row.id} and item.state = 'pending'
      group by 1, 2, 3
    ) sent
    group by 1, 2 order by 3 desc limit 1000`)
  const { rows: exclusions } = await database.execute<{ [Key in keyof PlannedExclusion]: PlannedExclusion[Key] }>(sql`
    select reason, state, count(*)::int as count from operation_item
    where operation_id = ${row.id} and state <> 'pending'
    group by 1, 2 order by 3 desc limit 100`)
  const targets = [...new Set(sends.map((send) => send.destination))]
  const { rows: readers } = await database.execute<{ [Key in keyof KnownReader]: KnownReader[Key] }>(sql`
    select destination, group_name as "group", state, sentence, lag_messages::float8 as "lagMessages",
      drain_per_second as "drainPerSecond"
    from group_lag
    where cluster_id = ${row.clusterId} and destination = any(${sql.param(targets)}::text[])
    order by destination, group_name limit 1000`)
  const { rows: inventory } = await database.execute<{ known: boolean }>(
    sql`select exists (select 1 from destination where cluster_id = ${row.clusterId}) as known`,
  )
  const durability = await readDurability(database, row.clusterId, [...targets, row.source])
  return {
    ...sums,
    sends,
    exclusions,
    readers,
    targetDurability: durability.filter((place) => targets.includes(place.destination)),
    sourceDurability: durability.find((place) => place.destination === row.source) ?? null,
    hasInventory: inventory[0]?.known ?? false,
    ...found,
  }
}

/** What Kafka topics are set to; a place of another broker, or one whose settings are hidden, has nulls. */
async function readDurability(
  database: Database,
  clusterId: string,
  destinations: readonly string[],
): Promise<readonly PlaceDurability[]> {
  const { rows } = await database.execute<{ [Key in keyof PlaceDurability]: PlaceDurability[Key] }>(sql`
    select name as destination,
      substring(settings ->> 'replication.factor' from '^[0-9]{1,9}$')::int as "replicationFactor",
      substring(settings ->> 'min.insync.replicas' from '^[0-9]{1,9}$')::int as "minInsyncReplicas"
    from destination
    where cluster_id = ${clusterId} and name = any(${sql.param(destinations)}::text[])
    order by name limit 1001`)
  return rows
}

type Sums = Omit<
  ManifestFacts,
  | 'sends'
  | 'exclusions'
  | 'readers'
  | 'hasInventory'
  | 'edit'
  | 'overtaken'
  | 'change'
  | 'health'
  | 'schemas'
  | 'targetDurability'
  | 'sourceDurability'
>

async function readSums(database: Database, operationId: string): Promise<Sums> {
  const { rows } = await database.execute<{ [Key in keyof Sums]: Sums[Key] }>(sql`
    select count(*)::int as "selectedCount",
      count(distinct item.order_key) filter (where item.state = 'pending')::int as "orderKeyCount",
      count(*) filter (where item.state = 'pending' and dl.redrive_count > 0)::int as "redrivenBeforeCount",
      coalesce(sum(dl.payload_bytes) filter (where item.state = 'pending'), 0)::float8 as "payloadBytes",
      count(*) filter (where item.state = 'pending' and dl.is_payload_cut)::int as "cutPayloadCount",
      (extract(epoch from min(dl.expires_at) filter (where item.state = 'pending')) * 1000)::float8 as "firstExpiryAtMs"
    from operation_item item left join dead_letter dl on dl.id = item.dead_letter_id
    where item.operation_id = ${operationId}`)
  const [sums] = rows
  if (!sums) throw new Error('an aggregate without a row')
  return sums
}
