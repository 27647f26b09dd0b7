import { sql, type SQL } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import type { StoredHeader } from '#db/schema/dead-letter.ts'
import { readStoredHeader } from '#db/stored-header.ts'
import type { DeadLetterState } from '#domain/dead-letter/dead-letter.ts'
import type { ExportedLetter } from '#domain/export/write-message-line.ts'

/** Which dead letters leave; null = not asked. */
export interface ExportSelection {
  readonly state: DeadLetterState
  readonly fingerprint: string | null
  readonly clusterId: string | null
  readonly destination: string | null
}

const filter = ({ state, fingerprint, clusterId, destination }: ExportSelection): SQL => sql`dl.state = ${state}
  and (${fingerprint}::text is null or dl.fingerprint = ${fingerprint})
  and (${clusterId}::text is null or dl.cluster_id = ${clusterId})
  and (${destination}::text is null or dl.destination = ${destination})`

/** How many there are, at most `limit` counted, and the newest id: what comes later is not part of this export. */
export async function countExport(
  database: Database,
  selection: ExportSelection,
  limit: number,
): Promise<{ readonly count: number; readonly lastId: number }> {
  const { rows } = await database.execute<{ count: number; lastId: number }>(sql`
    select count(*)::int as count, coalesce(max(id), 0)::float8 as "lastId"
    from (select dl.id from dead_letter dl where ${filter(selection)} order by dl.id limit ${limit}) counted`)
  return rows[0] ?? { count: 0, lastId: 0 }
}

type ExportRow = Omit<ExportedLetter, 'headers'> & { readonly id: number; readonly headers: readonly StoredHeader[] }

/** Whole payloads come from the archive where the inbox holds them in part. */
const LETTERS = sql`select dl.id::float8 as id, dl.cluster_id as "clusterId", dl.destination, dl.position, dl.state,
      (extract(epoch from dl.dead_at) * 1000)::float8 as "deadAtMs", dl.origin_destination as "originDestination",
      dl.origin_position as "originPosition", dl.consumer_group as "consumerGroup", dl.attempts,
      dl.exception_class as "exceptionClass", dl.exception_message as "exceptionMessage", dl.fingerprint,
      dl.correlation_id as "correlationId", dl.trace_id as "traceId", dl.redrive_count as "redriveCount",
      dl.message_key as key, dl.headers, dl.payload_bytes as "payloadBytes",
      case when kept.dead_letter_id is null then dl.payload else kept.payload end as payload,
      dl.is_payload_cut and kept.dead_letter_id is null as "isPayloadCut"
    from dead_letter dl left join message_archive kept on kept.dead_letter_id = dl.id`

/** By id, one keyset page up to `lastId`. Payloads come whole from the archive where the inbox holds them in part. */
export async function readExportPage(
  database: Database,
  selection: ExportSelection,
  page: { readonly afterId: number; readonly lastId: number; readonly limit: number },
): Promise<readonly { readonly id: number; readonly letter: ExportedLetter }[]> {
  const { rows } = await database.execute<{ [Key in keyof ExportRow]: ExportRow[Key] }>(sql`
    ${LETTERS}
    where ${filter(selection)} and dl.id > ${page.afterId} and dl.id <= ${page.lastId}
    order by dl.id limit ${page.limit}`)
  return rows.map(toExported)
}

/** One dead letter as it would leave in an export; null when there is none. */
export async function readExportedLetter(database: Database, id: string): Promise<ExportedLetter | null> {
  const { rows } = await database.execute<{ [Key in keyof ExportRow]: ExportRow[Key] }>(
    sql`${LETTERS} where dl.id = ${Number(id)}`,
  )
  return rows[0] === undefined ? null : toExported(rows[0]).letter
}

const toExported = ({ id, headers, ...letter }: ExportRow) => ({
  id,
  letter: { ...letter, headers: headers.map(readStoredHeader) },
})
