import { expect, test } from 'vitest'
import { isDatabaseAway } from '#db/is-database-away.ts'

const withCode = (code: string): Error => Object.assign(new Error('x'), { code })

test.each(['08006', '53100', '53300', '57P01', '57P03', '58030', 'ECONNREFUSED', 'ECONNRESET'])(
  '%s is a database that is away, also deep inside',
  (code) => {
    expect(isDatabaseAway(withCode(code))).toBe(true)
    expect(isDatabaseAway(new Error('Failed query', { cause: withCode(code) }))).toBe(true)
  },
)

test('the words of the driver count, a statement that is wrong does not', () => {
  expect(isDatabaseAway(new Error('Connection terminated unexpectedly'))).toBe(true)
  expect(isDatabaseAway(withCode('23505'))).toBe(false)
  expect(isDatabaseAway(withCode('57014'))).toBe(false)
  expect(isDatabaseAway(new Error('x'))).toBe(false)
  expect(isDatabaseAway('Connection terminated')).toBe(false)
})
