import type pg from 'pg'
import { VALUE_SEPARATOR } from '#otlp/attribute-list.ts'
import type { BoundValues } from '#telemetry-store/postgres/bound-values.ts'
import type { AttributeMatch } from '#telemetry-store/telemetry-store.ts'

/** More than these say the same of so many services that a narrower question is better. */
const MAX_ORIGINS = 20_000
const MAX_KEY_SETS = 20_000

type Wanted = Pick<AttributeMatch, 'key' | 'value'>

/** Key sets that have a key, each with the place at which its value stands. */
interface KeyPlaces {
  readonly keySetIds: readonly string[]
  readonly places: readonly number[]
}

/** Where an attribute may be found. */
export interface AttributePlaces {
  readonly wanted: Wanted
  /** Origins (resource and scope) that say it of all their spans. */
  readonly originIds: readonly string[]
  readonly texts: KeyPlaces
  readonly jsons: KeyPlaces
}

export async function findAttributePlaces(pool: pg.Pool, { key, value }: Wanted): Promise<AttributePlaces> {
  const [origins, sets] = await Promise.all([
    pool.query<{ origin_id: string }>({
      name: 'telemetry-attribute-origins',
      text: `select distinct origin_id from span_origin
             where resource ->> $1 is not null and ($2::text is null or resource ->> $1 = $2) limit ${MAX_ORIGINS}`,
      values: [key, value],
    }),
    pool.query<{ key_set_id: string; place: number; is_json: boolean }>({
      name: 'telemetry-attribute-key-sets',
      text: `select distinct on (k.key_set_id) k.key_set_id, p.place, k.is_json[p.place] as is_json
             from attribute_key_set k, lateral (select array_position(k.keys, $1) as place) p
             where $1 = any(k.keys) limit ${MAX_KEY_SETS}`,
      values: [key],
    }),
  ])
  const placesOf = (isJson: boolean): KeyPlaces => {
    const rows = sets.rows.filter((row) => row.is_json === isJson)
    return { keySetIds: rows.map((row) => row.key_set_id), places: rows.map((row) => row.place) }
  }
  return {
    wanted: { key, value },
    originIds: origins.rows.map((row) => row.origin_id),
    texts: placesOf(false),
    jsons: placesOf(true),
  }
}

const hasKeySet = (bound: BoundValues, { keySetIds }: KeyPlaces): string =>
  `s.key_set_id = any(${bound.bind(keySetIds)}::bigint[])`

/** The value of a span `s` in its list of values, when its key set is one of these. */
const valueAmong = (bound: BoundValues, { keySetIds, places }: KeyPlaces): string => {
  const place = `(${bound.bind(places)}::int[])[array_position(${bound.bind(keySetIds)}::bigint[], s.key_set_id)]`
  return `split_part(s.attribute_values, ${bound.bind(VALUE_SEPARATOR)}, ${place})`
}

/**
 * True for a row `s` of span that has the attribute, or whose origin has it. The only place beside the detail of a span
 * that knows how attributes are stored.
 */
export function hasAttribute(bound: BoundValues, { wanted, originIds, texts, jsons }: AttributePlaces): string {
  const { key, value } = wanted
  const ways: string[] = []
  if (originIds.length > 0) ways.push(`s.origin_id = any(${bound.bind(originIds)}::bigint[])`)
  if (texts.keySetIds.length > 0) {
    const isRight = value === null ? 'true' : `${valueAmong(bound, texts)} = ${bound.bind(value)}`
    ways.push(`(${hasKeySet(bound, texts)} and ${isRight})`)
  }
  if (jsons.keySetIds.length > 0) {
    const text = valueAmong(bound, jsons)
    const isRight =
      value === null ? `${text} <> 'null'` : `${text} in (${bound.bind(value)}, ${bound.bind(JSON.stringify(value))})`
    ways.push(`(${hasKeySet(bound, jsons)} and ${isRight})`)
  }
  // Spans whose keys are made up as they go. Looking for the key as text first spares most of them the parsing.
  const isKeyThere = `strpos(s.attributes::text, ${bound.bind(`${JSON.stringify(key)}:`)}) > 0`
  const text = `s.attributes ->> ${bound.bind(key)}`
  const isRight = value === null ? `${text} is not null` : `${text} = ${bound.bind(value)}`
  ways.push(`(s.key_set_id is null and ${isKeyThere} and ${isRight})`)
  return `(${ways.join(' or ')})`
}

/** What a span `s` says under the key, or else its origin, as text; null when neither does. */
export function attributeText(bound: BoundValues, { wanted, texts, jsons }: AttributePlaces): string {
  const key = bound.bind(wanted.key)
  return `coalesce(
    case when ${hasKeySet(bound, texts)} then ${valueAmong(bound, texts)}
      when ${hasKeySet(bound, jsons)} then ${valueAmong(bound, jsons)}::json #>> '{}'
      else s.attributes ->> ${key} end,
    (select o.resource ->> ${key} from span_origin o where o.origin_id = s.origin_id limit 1))`
}
