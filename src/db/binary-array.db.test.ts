import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { binaryArray } from '#db/binary-array.ts'
import { useTestDatabase } from '#db/test-database.ts'

const current = useTestDatabase()

/** What Postgres understands of the parameter, told in its own words. */
async function tell(type: 'text' | 'bytea' | 'jsonb', elements: readonly (string | Uint8Array | null)[]) {
  const { rows } = await current().database.execute<{ told: unknown[] }>(sql`
    select array_agg(element order by place) as told
    from unnest(${sql.param(binaryArray(type, elements))}::${sql.raw(type)}[]) with ordinality as given(element, place)`)
  return rows[0]?.told ?? []
}

test('texts arrive as they are: empty, missing, quoted, in several bytes', async () => {
  const texts = ['', null, 'null', '"{,}\\', "o'clock", 'grün 漢字 🙂', 'two\nlines']
  expect(await tell('text', texts)).toEqual(texts)
})

test('every byte arrives, also of a part of a larger buffer', async () => {
  const all = new Uint8Array(256).map((_, at) => at)
  const told = (await tell('bytea', [all, null, all.subarray(10, 12), new Uint8Array()])) as (Buffer | null)[]
  expect(told.map((bytes) => (bytes === null ? null : [...bytes]))).toEqual([[...all], null, [10, 11], []])
})

test('JSON arrives as JSON, and no elements as none', async () => {
  const values = [{ n: 'ü', list: [1, null] }, [], 'text']
  expect(
    await tell(
      'jsonb',
      values.map((value) => JSON.stringify(value)),
    ),
  ).toEqual(values)
  expect(await tell('text', [])).toEqual([])
})
