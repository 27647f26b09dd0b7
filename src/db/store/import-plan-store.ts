import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import type { OperationRow } from '#db/store/operation-store.ts'

/**
 * Freezes the manifest of an import in one statement: one item per message of the file, in the order of its lines, with
 * its target and the reason when it cannot be sent. The position of an item is its line.
 *
 * @returns how many items there are now
 */
export async function freezeImport(database: Database, row: OperationRow, limit: number): Promise<number> {
  const { rowCount } = await database.execute(sql`
    insert into operation_item
      (operation_id, ordinal, source_position, target_destination, order_key, correlation_id, state, reason,
       trace_id, span_id)
    select ${row.id}, ordinal, '@' || line, target, order_key, correlation_id,
      case when skip is null then 'pending' else 'skipped' end, skip, substr(mark, 1, 32), substr(mark, 33, 16)
    from (
      select message.*, encode(sha256(convert_to(${row.id} || ':' || message.ordinal, 'UTF8')), 'hex') as mark,
        case
          when target = '' then 'the file does not say where it came from'
          when has_inventory and (place.name is null or place.gone_at is not null) then target || ' does not exist'
          when place.is_internal then target || ' is internal to the broker'
        end as skip
      from (
        select ordinal, line, correlation_id, left(encode(sha256(message_key), 'hex'), 16) as order_key,
          coalesce(${row.target}::text, origin_destination, '') as target
        from import_message where import_id = ${row.importId} order by ordinal limit ${limit + 1}
      ) message
      left join destination place on place.cluster_id = ${row.clusterId} and place.name = message.target
      cross join (select exists (select 1 from destination where cluster_id = ${row.clusterId}) as has_inventory) known
    ) judged`)
  await database.execute(sql`analyze operation_item`)
  return rowCount ?? 0
}

/** A message of the file that is to be sent. */
export interface FileItem {
  readonly ordinal: number
  /** Its line, as a printed position. */
  readonly sourcePosition: string
  readonly targetDestination: string
  /** Whole; null is a tombstone. */
  readonly payload: Uint8Array | null
}

export interface FilePage {
  readonly afterOrdinal: number
  readonly limit: number
  /** Of payload together; the first message comes in any case. */
  readonly maxBytes: number
}

/** Messages of an import that are not left out, in the order of the file, one keyset page. */
export async function listFileItems(
  database: Database,
  operationId: string,
  importId: string,
  { afterOrdinal, limit, maxBytes }: FilePage,
): Promise<readonly FileItem[]> {
  const { rows } = await database.execute<{ [Key in keyof FileItem]: FileItem[Key] }>(sql`
    select page.ordinal, page.source_position as "sourcePosition", page.target_destination as "targetDestination",
      message.payload
    from (
      select item.ordinal, item.source_position, item.target_destination,
        sum(size.payload_bytes::bigint) over (order by item.ordinal) - size.payload_bytes as bytes_before
      from (
        select ordinal, source_position, target_destination from operation_item
        where operation_id = ${operationId} and ordinal > ${afterOrdinal} and state = 'pending'
        order by ordinal limit ${limit}
      ) item join import_message size on size.import_id = ${importId} and size.ordinal = item.ordinal
    ) page join import_message message on message.import_id = ${importId} and message.ordinal = page.ordinal
    where page.bytes_before < ${maxBytes}
    order by page.ordinal`)
  return rows
}

export interface ImportFacts {
  readonly payloadBytes: number
  readonly sha256: string
  /** Targets at which dead letters land. */
  readonly deadLetterPlaces: readonly string[]
}

/** What the dry run of an import needs beside the facts of every manifest. */
export async function readImportFacts(database: Database, row: OperationRow): Promise<ImportFacts> {
  const { rows } = await database.execute<{ [Key in keyof ImportFacts]: ImportFacts[Key] }>(sql`
    select file.sha256,
      (select coalesce(sum(message.payload_bytes), 0)::float8
        from operation_item item join import_message message
          on message.import_id = ${row.importId} and message.ordinal = item.ordinal
        where item.operation_id = ${row.id} and item.state = 'pending') as "payloadBytes",
      coalesce((select array_agg(name order by name) from destination
        where cluster_id = ${row.clusterId} and dead_letter_found_by is not null and name in (
          select target_destination from operation_item where operation_id = ${row.id} and state = 'pending')), '{}')
        as "deadLetterPlaces"
    from import_file file where file.id = ${row.importId}`)
  const [facts] = rows
  if (!facts) throw new Error(`the file of operation ${row.id} is gone`)
  return facts
}
