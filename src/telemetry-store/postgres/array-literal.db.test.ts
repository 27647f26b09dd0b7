import { expect, test } from 'vitest'
import { arrayOfPlain, arrayOfTexts } from '#telemetry-store/postgres/array-literal.ts'
import { useTestDatabase } from '#db/test-database.ts'

const database = useTestDatabase()

test('texts come to Postgres as they are, whatever they hold', async () => {
  const texts = [
    '',
    'plain',
    'NULL',
    'with "quotes"',
    'back\\slash\\',
    '{a,b}',
    'a,b',
    ' spaces ',
    'tab\tand\nline',
    'Ünï 🐘',
  ]
  const found = await database().pool.query('select $1::text[] as texts', [arrayOfTexts(texts)])
  expect(found.rows[0].texts).toEqual(texts)
})

test('numbers, booleans and nothing at all come as they are', async () => {
  const found = await database().pool.query('select $1::bigint[]::text[] as n, $2::bool[] as b, $3::int[] as none', [
    arrayOfPlain([0, -1, Number.MAX_SAFE_INTEGER]),
    arrayOfPlain([true, false]),
    arrayOfPlain([]),
  ])
  expect(found.rows[0]).toEqual({ n: ['0', '-1', '9007199254740991'], b: [true, false], none: [] })
})
