import { expect, test } from 'vitest'
import { describeSelectionChange } from '#domain/operation/selection-change.ts'

test('a selection that stayed as it was needs no words', () => {
  expect(describeSelectionChange({ handledCount: 0, arrivedCount: 0 })).toEqual([])
})

test('who left and who came meanwhile is said, in the right number', () => {
  expect(describeSelectionChange({ handledCount: 1, arrivedCount: 1_200 })).toEqual([
    'One of the selected messages was handled by somebody else while this was planned, and is left out.',
    '1,200 more messages that match arrived while this was planned: not part of this plan.',
  ])
  expect(describeSelectionChange({ handledCount: 40, arrivedCount: 1 })).toEqual([
    '40 of the selected messages were handled by somebody else while this was planned, and are left out.',
    'One more message that matches arrived while this was planned: not part of this plan.',
  ])
})
