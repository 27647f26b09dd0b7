import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countItems, isConserved, type ItemTally } from '#domain/operation/operation-counts.ts'
import { ITEM_OUTCOMES, ITEM_STATES } from '#domain/operation/operation-state.ts'

const tally = fc.record<ItemTally>({
  state: fc.constantFrom(...ITEM_STATES),
  outcome: fc.constantFrom(...ITEM_OUTCOMES),
  count: fc.nat(1_000),
  repeatedSends: fc.nat(3),
})

test('whatever states the items are in, every one is counted once', () => {
  fc.assert(
    fc.property(fc.array(tally), (tallies) => {
      const counts = countItems(tallies)
      const outcomes = Object.values(counts.outcomes).reduce((total, count) => total + count, 0)
      return isConserved(counts.selected, counts) && outcomes === counts.confirmed
    }),
  )
})

test('an item that went missing breaks the conservation', () => {
  const counts = countItems([{ state: 'removed', outcome: 'processed', count: 9, repeatedSends: 1 }])
  expect(counts).toMatchObject({ confirmed: 9, repeatedSends: 1, outcomes: { processed: 9 } })
  expect(isConserved(9, counts)).toBe(true)
  expect(isConserved(10, counts)).toBe(false)
})
