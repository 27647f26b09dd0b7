import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { matchesSelection } from '#db/store/dead-letter-selection.ts'
import type { OperationRow } from '#db/store/operation-store.ts'
import type { DiscardFacts } from '#domain/operation/draft-discard-plan.ts'
import type { SelectionChange } from '#domain/operation/selection-change.ts'

/**
 * Freezes the manifest of a discard in one statement: one item per open dead letter of the selection, in the order in
 * which they lie there. Nothing is left out: what may never be sent again may still be discarded.
 *
 * @returns how many items there are now; at most `limit + 1` are looked at, more than `limit` means "too many"
 */
export async function freezeDiscard(database: Database, row: OperationRow, limit: number): Promise<number> {
  const { rowCount } = await database.execute(sql`
    insert into operation_item
      (operation_id, ordinal, dead_letter_id, source_position, target_destination, correlation_id, trace_id, span_id)
    select ${row.id}, ordinal, id, position, '', correlation_id, substr(mark, 1, 32), substr(mark, 33, 16)
    from (
      select letter.*, encode(sha256(convert_to(${row.id} || ':' || ordinal, 'UTF8')), 'hex') as mark
      from (
        select dl.id, dl.position, dl.correlation_id, (row_number() over (order by dl.id))::int as ordinal
        from dead_letter dl
        where ${matchesSelection(row)}
        order by dl.id
        limit ${limit + 1}
      ) letter
    ) marked`)
  await database.execute(sql`analyze operation_item`)
  return rowCount ?? 0
}

/** What the dry run of a discard is drafted from. */
export async function readDiscardFacts(
  database: Database,
  operationId: string,
  change: SelectionChange,
): Promise<DiscardFacts> {
  const { rows } = await database.execute<Omit<DiscardFacts, 'change'> & Record<string, unknown>>(sql`
    select count(*)::int as "selectedCount",
      count(*) filter (where dl.redrive_count > 0)::int as "redrivenBeforeCount",
      count(distinct dl.message_key)::int as "orderKeyCount",
      coalesce(sum(dl.payload_bytes), 0)::float8 as "payloadBytes",
      count(*) filter (where dl.is_payload_cut)::int as "cutPayloadCount",
      (extract(epoch from min(dl.expires_at)) * 1000)::float8 as "firstExpiryAtMs"
    from operation_item item left join dead_letter dl on dl.id = item.dead_letter_id
    where item.operation_id = ${operationId} and item.state = 'pending'`)
  const [facts] = rows
  if (!facts) throw new Error('an aggregate without a row')
  return { ...facts, change }
}
