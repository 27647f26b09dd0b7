import type pg from 'pg'
import type { BoundValues } from '#telemetry-store/postgres/bound-values.ts'
import type { AttributeMatch } from '#telemetry-store/telemetry-store.ts'

/** More than these say the same of so many services that a narrower question is better. */
const MAX_ORIGINS = 20_000

/** The origins (resource and scope) that say it of all their spans. */
export async function findOrigins(
  pool: pg.Pool,
  { key, value }: Pick<AttributeMatch, 'key' | 'value'>,
): Promise<readonly string[]> {
  const found = await pool.query<{ origin_id: string }>({
    name: 'telemetry-attribute-origins',
    text: `select distinct origin_id from span_origin
           where resource ->> $1 is not null and ($2::text is null or resource ->> $1 = $2) limit ${MAX_ORIGINS}`,
    values: [key, value],
  })
  return found.rows.map((row) => row.origin_id)
}

/**
 * True for a row `s` of span that has the attribute, or whose origin has it. Looking for the key as text first spares
 * most rows the parsing. The only place beside the detail of a span that knows how attributes are stored.
 */
export function hasAttribute(
  bound: BoundValues,
  { key, value }: Pick<AttributeMatch, 'key' | 'value'>,
  originIds: readonly string[],
): string {
  const isKeyThere = `strpos(s.attributes::text, ${bound.bind(`${JSON.stringify(key)}:`)}) > 0`
  const text = `s.attributes ->> ${bound.bind(key)}`
  const isValueThere = value === null ? `${text} is not null` : `${text} = ${bound.bind(value)}`
  const own = `(${isKeyThere} and ${isValueThere})`
  return originIds.length === 0 ? own : `(${own} or s.origin_id = any(${bound.bind(originIds)}::bigint[]))`
}
