import { expect, test } from 'vitest'
import { assembleFlow } from '#domain/flow/assemble-flow.ts'
import { consume, facts, send, span, story } from '#domain/flow/flow-story.ts'
import type { MessageGraph } from '#domain/flow/message-graph.ts'

/** `checkout -sends-> orders` and the like, in the order of the edges. */
const tell = ({ nodes, edges }: MessageGraph): string[] => {
  const nameOf = new Map(nodes.map((node) => [node.id, node.name]))
  return edges.map(({ fromId, toId, kind, joinedBy, confidence }) =>
    [
      nameOf.get(fromId),
      `-${kind}${joinedBy === null ? '' : ` by ${joinedBy}, ${confidence}`}->`,
      nameOf.get(toId),
    ].join(' '),
  )
}

test('the graph tells who sent what, who took it, where it died and how it came back', () => {
  expect(tell(assembleFlow(story()).graph)).toEqual([
    'checkout -sends-> orders',
    'orders -takes by parent, certain-> payments-svc',
    'orders -takes by parent, certain-> payments-svc',
    'redrive op-412 -redrives-> orders',
    'orders -takes by operation-item, certain-> payments-svc',
    'payments-svc -sends-> payments.settled',
    'payments.settled -takes by link, certain-> ledger',
    'payments-svc -dies-> orders.dlq',
    'orders.dlq -redrives-> redrive op-412',
  ])
})

test('two messages that one poll received stay two, though the same work took both', () => {
  const { graph } = assembleFlow(
    facts({
      spans: [
        send('a', 'orders', { at: 0, for: 1, service: 'checkout', trace: 't1' }),
        send('b', 'orders', { at: 1, for: 1, service: 'checkout', trace: 't2' }),
        consume('c', 'orders', {
          at: 5,
          for: 9,
          service: 'billing',
          trace: 't3',
          links: [
            { traceId: 't1', spanId: 'a' },
            { traceId: 't2', spanId: 'b' },
          ],
        }),
      ],
    }),
  )
  expect(graph.nodes.filter(({ kind }) => kind === 'message')).toHaveLength(2)
  expect(graph.edges.filter(({ kind }) => kind === 'takes').map(({ toId }) => toId)).toEqual(['work:t3:c', 'work:t3:c'])
})

test('a thousand messages are counted, and as many drawn as make a picture', () => {
  const spans = Array.from({ length: 1_000 }, (_, at) =>
    send(`s${at}`, 'orders', { at, for: 1, service: 'checkout', parent: 'root' }),
  )
  const root = span('root', { at: 0, for: 2_000, service: 'checkout', name: 'import' })
  const { graph } = assembleFlow(facts({ spans: [root, ...spans] }))
  expect(graph).toMatchObject({ messageCount: 1_000, omittedMessageCount: 880 })
  expect(graph.nodes).toHaveLength(121)
})
