import type { KeySet } from '#otlp/key-set.ts'
import type { SpanOrigin } from '#otlp/span-sink.ts'
import { arrayOfPlain, arrayOfTexts } from '#telemetry-store/postgres/array-literal.ts'
import { dayText } from '#telemetry-store/postgres/copy-row.ts'
import { type NamePosting, PostedNames } from '#telemetry-store/postgres/name-minutes.ts'
import type { BurstStatement } from '#telemetry-store/postgres/send-burst.ts'
import type { StagedSpans } from '#telemetry-store/postgres/staged-spans.ts'

const MAX_REMEMBERED = 100_000

/** What many spans have in common and name by an id: where they come from, and the keys of their attributes. */
interface DictionaryRow {
  readonly id: Buffer
}

/** Remembers which rows of a day are committed, so that they are sent once. */
class CommittedIds {
  #day = -1
  #ids = new Set<string>()

  /** Those that may not be there yet, in the order in which all batches insert them. */
  selectUnknown<Row extends DictionaryRow>(rows: Iterable<Row>, day: number): readonly Row[] {
    if (day !== this.#day || this.#ids.size > MAX_REMEMBERED) {
      this.#day = day
      this.#ids = new Set()
    }
    const unknown = new Map<string, Row>()
    for (const row of rows) {
      const id = row.id.toString('hex')
      if (!this.#ids.has(id)) unknown.set(id, row)
    }
    return [...unknown].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, row]) => row)
  }

  remember(rows: readonly DictionaryRow[]): void {
    for (const { id } of rows) this.#ids.add(id.toString('hex'))
  }
}

const idOf = ({ id }: DictionaryRow): string => id.readBigInt64BE().toString()

/** Writes the rows of span_origin and attribute_key_set that a batch needs, and whose names came up in which minute. */
export class DictionaryRows {
  readonly #origins = new CommittedIds()
  readonly #keySets = new CommittedIds()
  readonly #names = new PostedNames()

  /** The statements of a batch; `remember` once they are committed. */
  describe(units: readonly StagedSpans[]): {
    readonly statements: readonly BurstStatement[]
    readonly remember: () => void
  } {
    const day = Math.max(...units.map((unit) => unit.day))
    const keySets = this.#keySets.selectUnknown(new Set(units.flatMap((unit) => [...unit.keySets])), day)
    const origins = this.#origins.selectUnknown(new Set(units.flatMap((unit) => [...unit.origins])), day)
    const names = this.#names.unposted(units, day)
    const statements = []
    if (keySets.length > 0) statements.push(insertKeySets(keySets, day))
    if (origins.length > 0) statements.push(insertOrigins(origins, day))
    if (names.length > 0) statements.push(postNames(names, day))
    return {
      statements,
      remember: () => {
        this.#names.learn(names)
        this.#keySets.remember(keySets)
        this.#origins.remember(origins)
      },
    }
  }
}

const insertKeySets = (keySets: readonly KeySet[], day: number): BurstStatement => ({
  name: 'telemetry-key-sets',
  // Arrays of arrays must not be ragged: lists travel as JSON.
  text: `insert into attribute_key_set (key_set_id, keys, is_json, ingest_day)
         select id, array(select json_array_elements_text(keys::json)),
           array(select value::boolean from json_array_elements_text(is_json::json) as value), $4::date
         from unnest($1::bigint[], $2::text[], $3::text[]) as new (id, keys, is_json)
         on conflict do nothing`,
  values: [
    arrayOfPlain(keySets.map(idOf)),
    arrayOfTexts(keySets.map((keySet) => JSON.stringify(keySet.entries().map(({ key }) => key.text)))),
    arrayOfTexts(keySets.map((keySet) => JSON.stringify(keySet.entries().map(({ isJson }) => isJson)))),
    dayText(day),
  ],
})

const insertOrigins = (origins: readonly SpanOrigin[], day: number): BurstStatement => ({
  name: 'telemetry-origins',
  text: `insert into span_origin (origin_id, service, service_version, scope, resource, ingest_day)
         select id, service, version, scope, resource::json, $6::date
         from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[]) as new (id, service, version, scope, resource)
         on conflict do nothing`,
  values: [
    arrayOfPlain(origins.map(idOf)),
    arrayOfTexts(origins.map((origin) => origin.service)),
    arrayOfTexts(origins.map((origin) => origin.serviceVersion)),
    arrayOfTexts(origins.map((origin) => origin.scope)),
    arrayOfTexts(origins.map((origin) => origin.resource)),
    dayText(day),
  ],
})

const postNames = (names: readonly NamePosting[], day: number): BurstStatement => ({
  name: 'telemetry-post-names',
  text: `insert into flow_mark (kind, value, at_us, ingest_day)
         select kind, value, at_us, $4::date from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as new (kind, value, at_us)`,
  values: [
    arrayOfPlain(names.map(({ kind }) => kind)),
    arrayOfPlain(names.map(({ value }) => value)),
    arrayOfPlain(names.map(({ atUs }) => atUs)),
    dayText(day),
  ],
})
