import { expect, test } from 'vitest'
import { findEscapes } from './escapes.ts'

test('a comment that silences a tool is found with its line', () => {
  expect(findEscapes('src/a.ts', `const a = 1\n// ${'@ts'}-ignore\nconst b = 2`)).toEqual([
    'src/a.ts:2 silences a tool with "ts-ignore"',
  ])
})

test('a double cast is found', () => {
  expect(findEscapes('src/a.ts', `const a = b ${'as unknown'} as string`)).toHaveLength(1)
})

test('prose about tools is not', () => {
  expect(findEscapes('src/a.ts', "const words = ['ts-ignore']\n// the type checker")).toEqual([])
})
