import { expect, test } from 'vitest'
import { shortenName } from '#ui/graph/shorten-name.ts'

test('long names keep both ends', () => {
  expect(shortenName('payments', 18)).toBe('payments')
  expect(shortenName('shop.orders.created.v2.retry', 18)).toBe('shop.orders.…retry')
})
