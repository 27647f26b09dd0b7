import { expect, test } from 'vitest'
import { draftOf, EMPTY_DRAFT, readDraft } from '#features/settings/rule-draft.ts'

test('a draft means the rule that it was made of', () => {
  for (const rule of [
    { system: 'kafka', destination: 'orders.*', names: ['a', 'b.c'] },
    { system: null, destination: 'hub', names: [] },
  ]) {
    expect(readDraft(draftOf(rule))).toEqual({ rule, problems: null })
  }
})

test('what is wrong is said at its field, and at its line', () => {
  expect(readDraft(EMPTY_DRAFT).problems).toEqual({ names: 'Name at least one attribute or header.' })
  expect(readDraft({ ...EMPTY_DRAFT, names: 'a\n\nwith blank', system: 'a b' }).problems).toEqual({
    destination: 'Names no destination; * means all.',
    system: 'A system as spans name it: kafka, rabbitmq, aws_sqs.',
    names: 'Line 2: a name has no blanks and at most 200 characters.',
  })
})

test('names are ignored where nothing is taken', () => {
  expect(readDraft({ destination: 'hub', system: '', takes: 'nothing', names: 'a' }).rule?.names).toEqual([])
})
