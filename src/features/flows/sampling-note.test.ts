import { expect, test } from 'vitest'
import { describeShare } from '#features/flows/sampling-note.tsx'

test.each([
  [100, 900, '1 in 10 spans is kept'],
  [1, 2, '1 in 3 spans is kept'],
  [1, 49_999, '1 in 50,000 spans is kept'],
  [3, 1, '75 % of spans are kept'],
  [9_999, 1, '99.99 % of spans are kept'],
  [0, 5, 'No span is kept'],
])('%d kept and %d dropped reads well', (kept, dropped, words) => {
  expect(describeShare(kept, dropped)).toBe(words)
})
