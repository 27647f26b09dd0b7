import type pg from 'pg'
import { BoundValues } from '#telemetry-store/postgres/bound-values.ts'
import { kindOfAttribute, MAX_POSTED_CHARACTERS } from '#telemetry-store/postgres/flow-mark.ts'
import { attributeText, findAttributePlaces, hasAttribute } from '#telemetry-store/postgres/span-attribute.ts'

/** The first 8 bytes of the digest of a text, as ingest makes them. */
const HASH = `('x' || substr(md5(said.value), 1, 16))::bit(64)::bigint`

/**
 * Posts an attribute of the stored spans that began in [fromUs, beforeUs), as ingest does with new ones. Doing it twice
 * posts twice, which is only a waste. Gives the number of postings.
 */
export async function postStoredSpans(
  pool: pg.Pool,
  index: { readonly number: number; readonly key: string },
  { fromUs, beforeUs }: { readonly fromUs: number; readonly beforeUs: number },
): Promise<number> {
  const places = await findAttributePlaces(pool, { key: index.key, value: null })
  const bound = new BoundValues()
  const inserted = await pool.query(
    `insert into flow_mark (value, at_us, ingest_day, kind, trace_id, flow_key)
     select ${HASH}, max(said.start_us), said.ingest_day, ${kindOfAttribute(index.number)}, said.trace_id, said.flow_key
     from (
       select s.start_us, s.ingest_day, ${attributeText(bound, places)} as value,
         case when s.correlation_id is null then s.trace_id end as trace_id, s.correlation_id as flow_key
       from span s
       where s.start_us >= ${bound.bind(fromUs)}::bigint and s.start_us < ${bound.bind(beforeUs)}::bigint
         and ${hasAttribute(bound, places)}
     ) said where length(said.value) <= ${MAX_POSTED_CHARACTERS}
     group by said.value, said.ingest_day, said.trace_id, said.flow_key`,
    bound.values,
  )
  return inserted.rowCount ?? 0
}
