import { expect, test } from 'vitest'
import { followService, type ServiceEvent } from '#domain/trace/follow-service.ts'

/** `+a` took message a, `-x` sent in span x. */
const play = (...acts: string[]): ServiceEvent[] =>
  acts.map((act, at) => ({
    kind: act.startsWith('+') ? 'took' : 'sent',
    atUs: at * 1_000,
    message: act.startsWith('+') ? act.slice(1) : null,
    traceId: 't',
    spanId: act.slice(1),
  }))

test.each([
  ['one message at a time', ['+a', '-x', '+b', '-y', '+c', '-z'], 'b', ['y']],
  ['two sends for one message', ['+a', '-x', '+b', '-y', '-y2', '+c', '-z'], 'b', ['y', 'y2']],
  ['the same message taken again before it is sent on', ['+a', '-x', '+b', '+b', '-y'], 'b', ['y']],
  ['two in hand: nothing tells', ['+a', '+b', '-x', '-y', '+c', '-z'], 'b', []],
  ['after two were in hand and both were sent on, one is told again', ['+a', '+b', '-x', '-y', '+c', '-z'], 'c', ['z']],
  ['a message that is sent on overlaps the next', ['+a', '+b', '-x', '+c', '-y', '-z', '+d', '-w'], 'c', []],
  ['a message without a send leaves the next unknown, rather than wrong', ['+a', '+b', '-y', '+c', '-z'], 'c', []],
])('%s', (_, acts, message, sent) => {
  expect(followService(play(...acts), message).map(({ spanId }) => spanId)).toEqual(sent)
})
