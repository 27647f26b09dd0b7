import { expect, test } from 'vitest'
import { parseStartOptions } from './start-options.ts'

test('without arguments the demo runs, the data stays and the broker is whatever works', () => {
  expect(parseStartOptions([])).toEqual({ isFresh: false, hasDemo: true, broker: null })
})

test('every flag is understood', () => {
  expect(parseStartOptions(['--fresh', '--no-demo', '--broker', 'pgqueue'])).toEqual({
    isFresh: true,
    hasDemo: false,
    broker: 'pgqueue',
  })
})

test('what is not known is named, with the way to write it', () => {
  expect(() => parseStartOptions(['--frehs'])).toThrow(/frehs/)
  expect(() => parseStartOptions(['--broker', 'carrier-pigeon'])).toThrow(/carrier-pigeon/)
})
