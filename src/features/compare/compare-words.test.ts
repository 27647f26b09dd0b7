import { expect, test } from 'vitest'
import { comparePath } from '#features/compare/compare-path.ts'
import { sizeWords } from '#features/compare/compare-words.ts'
import { flowPath } from '#features/flows/flow-path.ts'

test('a side says how many flows of how many were compared', () => {
  const whole = { totalCount: 35, isEstimate: false, lookedAtCount: 35 }
  expect(sizeWords(35, whole)).toBe('all 35\u00a0flows')
  expect(sizeWords(400, { ...whole, totalCount: 12_345 })).toBe('400 of 12,345\u00a0flows')
  expect(sizeWords(400, { ...whole, totalCount: 1_200_300.4, isEstimate: true })).toContain('400 of about 1,200,300')
  expect(sizeWords(38, { totalCount: null, isEstimate: false, lookedAtCount: 640 })).toContain(
    'among the 640 recent ones',
  )
})

test('no key of a flow leads to the page that compares', () => {
  const compare = comparePath({ kind: 'flow', flowKey: 'compare' }, null)
  expect(compare.startsWith(flowPath('compare'))).toBe(false)
})
