import { expect, test } from 'vitest'
import { KINDS, parseTestArguments } from './test-arguments.ts'

test('without words everything runs, and what is missing may be installed', () => {
  expect(parseTestArguments([])).toEqual({ kinds: KINDS, filters: [], mayInstall: true })
})

test('kinds run in their own order, whatever order they are asked in; other words narrow the files', () => {
  expect(parseTestArguments(['--no-install', 'e2e', 'db', 'lease'])).toEqual({
    kinds: ['db', 'e2e'],
    filters: ['lease'],
    mayInstall: false,
  })
})

test('a word without a kind and an unknown option are named, with the way to write it', () => {
  expect(() => parseTestArguments(['lease'])).toThrow(/"lease"/)
  expect(() => parseTestArguments(['unit', '--watch'])).toThrow(/"--watch"/)
})
