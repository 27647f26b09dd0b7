import { expect, test } from 'vitest'
import { assembleFlow } from '#domain/flow/assemble-flow.ts'
import { facts, MS, consume, send, span } from '#domain/flow/flow-story.ts'

test('a receiver of several messages is drawn once and gives one hop per message', () => {
  const spans = [
    send('a', 'orders', { at: 0, for: 1, service: 'checkout' }),
    send('b', 'orders', { at: 5, for: 1, service: 'checkout', trace: 't2' }),
    consume(
      'batch',
      'orders',
      {
        trace: 't3',
        at: 20,
        for: 10,
        service: 'payments',
        links: [
          { traceId: 't1', spanId: 'a' },
          { traceId: 't2', spanId: 'b' },
        ],
      },
      { batchCount: 2 },
    ),
  ]
  const { rows, hops } = assembleFlow(facts({ spans }))
  expect(hops.map(({ sender, dwellUs }) => [sender?.spanId, dwellUs])).toEqual([
    ['a', 19 * MS],
    ['b', 14 * MS],
  ])
  expect(rows.map(({ kind }) => kind)).toEqual(['span', 'queue', 'span', 'span', 'queue'])
})

test('below a poll of many messages a process span without a link belongs only to the message at its own place', () => {
  const spans = [
    ...[1, 2, 3].map((offset) =>
      send(
        `s${offset}`,
        'orders',
        { at: offset, for: 1, service: 'checkout', trace: `t${offset}` },
        { partition: '0', offset: String(offset) },
      ),
    ),
    span('poll', {
      trace: 'tp',
      at: 10,
      for: 1,
      service: 'payments',
      name: 'poll orders',
      kind: 'client',
      messaging: { operation: 'receive', destination: 'orders', batchCount: 3 },
      links: [1, 2, 3].map((n) => ({ traceId: `t${n}`, spanId: `s${n}` })),
    }),
    consume(
      'p2',
      'orders',
      { trace: 'tp', at: 12, for: 1, service: 'payments', parent: 'poll' },
      { partition: '0', offset: '2' },
    ),
  ]
  const { hops } = assembleFlow(facts({ spans }))
  expect(hops.filter(({ receiver }) => receiver !== null).map(({ sender }) => sender?.spanId)).toEqual(['s2'])
})

test('a receive span with its own new trace between sender and process is passed through, and not drawn', () => {
  const spans = [
    send('s', 'orders', { at: 0, for: 1, service: 'checkout' }),
    span('r', {
      trace: 't2',
      at: 5,
      for: 0,
      service: 'payments',
      name: 'orders receive',
      kind: 'consumer',
      messaging: { operation: 'receive', destination: 'orders' },
      links: [{ traceId: 't1', spanId: 's' }],
    }),
    consume('p', 'orders', {
      trace: 't3',
      at: 6,
      for: 4,
      service: 'payments',
      links: [{ traceId: 't2', spanId: 'r' }],
    }),
  ]
  const { hops, rows } = assembleFlow(facts({ spans }))
  expect(hops).toMatchObject([{ sender: { spanId: 's' }, receiver: { spanId: 'p' }, joinedBy: 'link' }])
  expect(rows.map(({ label }) => label)).toEqual(['send orders', 'in queue', 'process orders'])
})

test('halves without links are joined by message id, then by place in the log', () => {
  const byId = [
    send('s', 'orders', { at: 0, for: 1, service: 'a' }, { messageId: '62a1a9d9-59e5' }),
    consume('p', 'orders', { trace: 't2', at: 5, for: 1, service: 'b' }, { messageId: '62a1a9d9-59e5' }),
  ]
  expect(assembleFlow(facts({ spans: byId })).hops).toMatchObject([{ joinedBy: 'message-id' }])
  const byPlace = [
    send('s', 'orders', { at: 0, for: 1, service: 'a' }, { partition: '1', offset: '7' }),
    consume('p', 'orders', { trace: 't2', at: 5, for: 1, service: 'b' }, { partition: '1', offset: '7' }),
    consume('q', 'orders', { trace: 't2', at: 5, for: 1, service: 'b' }, { partition: '2', offset: '7' }),
  ]
  expect(assembleFlow(facts({ spans: byPlace })).hops).toMatchObject([
    { joinedBy: 'position' },
    { joinedBy: 'none', sender: null },
  ])
})

test('clocks that disagree are kept and said, not clamped; an acknowledgement later than the receipt is no disagreement', () => {
  const early = [
    send('s', 'orders', { at: 100, for: 10, service: 'a' }),
    consume('p', 'orders', { at: 88, for: 1, service: 'b', parent: 's' }),
  ]
  const skewed = assembleFlow(facts({ spans: early }))
  expect(skewed.hops[0]).toMatchObject({ dwellUs: -12 * MS, isSkewed: true })
  expect(skewed.rows.find(({ kind }) => kind === 'queue')).toMatchObject({
    tone: 'warn',
    note: 'Kafka · clocks disagree: received 12 ms before it was sent',
  })
  const raced = [
    send('s', 'orders', { at: 100, for: 10, service: 'a' }),
    consume('p', 'orders', { at: 104, for: 1, service: 'b', parent: 's' }),
  ]
  expect(assembleFlow(facts({ spans: raced })).hops[0]).toMatchObject({ dwellUs: 4 * MS, isSkewed: false })
})

test('retry topics are back-off, their deliveries count on, and a success in the end completes the flow', () => {
  const spans = [
    send('s', 'orders', { at: 0, for: 1, service: 'a' }),
    consume('p1', 'orders', { at: 5, for: 1, service: 'b', parent: 's', isError: true }),
    send('r', 'orders-retry-0', { at: 5, for: 1, service: 'b', parent: 'p1' }),
    consume('p2', 'orders-retry-0', { at: 1_000, for: 1, service: 'b', parent: 'r' }),
  ]
  const flow = assembleFlow(facts({ spans }))
  expect(flow.hops.map(({ attempt }) => attempt)).toEqual([1, 2])
  expect(flow.rows.find(({ kind }) => kind === 'back-off')).toMatchObject({
    durationUs: 994 * MS,
    label: 'before attempt 2',
  })
  expect(flow.summary.status).toBe('completed')
})
