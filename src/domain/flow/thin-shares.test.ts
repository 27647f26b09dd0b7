import { expect, test } from 'vitest'
import type { TimeShare } from '#domain/flow/flow.ts'
import { thinShares, totalTime } from '#domain/flow/thin-shares.ts'

const shares: readonly TimeShare[] = Array.from({ length: 10_000 }, (_, at) => ({
  kind: at % 10 === 9 ? 'queue' : at < 5_000 ? 'processing' : 'parked',
  startUs: at * 7,
  durationUs: 7,
}))

test('a bar of thousands of stretches keeps its length and what took most of each part', () => {
  const thinned = thinShares(shares, 100)
  expect(thinned.map(({ kind }) => kind)).toEqual(['processing', 'parked'])
  expect(thinned.reduce((sum, { durationUs }) => sum + durationUs, 0)).toBeCloseTo(70_000)
})

test('a few stretches stay as they are, and the totals are of the whole', () => {
  expect(thinShares(shares.slice(0, 50), 100)).toEqual(shares.slice(0, 50))
  expect(totalTime(shares)).toContainEqual({ kind: 'queue', durationUs: 7_000 })
  expect(thinShares([], 10)).toEqual([])
})
