import { expect, test } from 'vitest'
import { safeReturnPath } from '#features/session/safe-return-path.ts'

test('a path of the console is where one returns to', () => {
  expect(safeReturnPath('/flows/order-1?tab=hops')).toBe('/flows/order-1?tab=hops')
})

test.each([
  null,
  '',
  'flows',
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '/sign-in',
])('anything else leads to the overview: %j', (wanted) => {
  expect(safeReturnPath(wanted)).toBe('/')
})
