import { cleanup, render } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { BreakableName } from '#ui/breakable-name.tsx'

afterEach(cleanup)

const broken = (name: string) => render(<BreakableName name={name} />).container.firstElementChild?.innerHTML

test('names break between their parts', () => {
  expect(broken('shop.orders-v2__retry')).toBe('shop.<wbr>orders-<wbr>v2__<wbr>retry')
  expect(broken('PaymentDeclinedError')).toBe('Payment<wbr>Declined<wbr>Error')
  expect(broken('a plain sentence')).toBe('a plain sentence')
  expect(broken('')).toBe('')
})
