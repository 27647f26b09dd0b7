import { expect, test } from 'vitest'
import { useTestIngest } from '#collector/ingest/test-ingest.ts'
import { type Act, place, send, take, tellStory } from '#collector/ingest/test-story.ts'
import { useTestDatabase } from '#db/test-database.ts'
import type { Flow } from '#domain/flow/flow.ts'

/** Shapes of traces that stock clients leave behind, sent through the real receiver and read back from Postgres. */
const database = useTestDatabase()
const ingest = useTestIngest(database)

const tell = (acts: readonly Act[], isOneBody = false) =>
  tellStory({ pool: database().pool, port: ingest().httpPort }, acts, isOneBody)

/** `checkout > orders > payments (parent)`, by time. */
const hopsOf = ({ hops }: Flow): string[] =>
  hops
    .filter(({ receiver }) => receiver !== null)
    .map(({ sender, destination, receiver, joinedBy, oneOf }) => {
      const bare = (name: string | undefined) => name?.replace(/-s\d+$/, '') ?? '?'
      return `${bare(sender?.service)} > ${destination} > ${bare(receiver?.service)} (${joinedBy}${oneOf === null ? '' : `, one of ${oneOf}`})`
    })

test('without propagation: traces are joined by the position that both halves know', async () => {
  const at = (order: number) => [
    {
      id: `a${order}/s`,
      service: 'checkout',
      at: order,
      ...send('orders', place(0, 700 + order)),
      kind: 'client' as const,
    },
    { id: `b${order}/p`, service: 'payments', at: 10 + order, for: 4, ...take('orders', place(0, 700 + order)) },
    {
      id: `b${order}/s`,
      service: 'payments',
      at: 11 + order,
      parent: `b${order}/p`,
      ...send('paid', place(1, 40 + order)),
    },
    { id: `c${order}/p`, service: 'shipping', at: 20 + order, for: 4, ...take('paid', place(1, 40 + order)) },
  ]
  const read = await tell([...at(1), ...at(2)])
  expect(hopsOf(await read('a1/'))).toEqual([
    'checkout > orders > payments (position)',
    'payments > paid > shipping (position)',
  ])
})

test('a receive span that ends at once: the next root send of the service is its output, while it holds one message', async () => {
  const at = (order: number) => [
    { id: `a${order}/s`, service: 'checkout', at: order * 100, ...send('orders') },
    {
      id: `a${order}/r`,
      service: 'payments',
      at: order * 100 + 5,
      for: 0,
      parent: `a${order}/s`,
      ...take('orders', {}, 'receive'),
    },
    { id: `b${order}/s`, service: 'payments', at: order * 100 + 20, ...send('paid') },
    {
      id: `b${order}/r`,
      service: 'shipping',
      at: order * 100 + 30,
      for: 0,
      parent: `b${order}/s`,
      ...take('paid', {}, 'receive'),
    },
  ]
  const read = await tell([1, 2, 3].flatMap(at))
  const flow = await read('a2/')
  expect(hopsOf(flow)).toEqual(['checkout > orders > payments (parent)', 'payments > paid > shipping (parent)'])
  expect(flow.summary.traceCount).toBe(2)
  expect(flow.doubts.join()).toMatch(/concluded: payments-s\d+ by the order of events/)
})

test('two messages in hand at a time: what was sent after them is left out rather than guessed', async () => {
  const at = (order: number) => [
    { id: `a${order}/s`, service: 'checkout', at: order, ...send('orders') },
    {
      id: `a${order}/r`,
      service: 'payments',
      at: order + 5,
      for: 0,
      parent: `a${order}/s`,
      ...take('orders', {}, 'receive'),
    },
    { id: `b${order}/s`, service: 'payments', at: order + 20, ...send('paid') },
  ]
  const read = await tell([1, 2].flatMap(at))
  expect((await read('a1/')).summary.traceCount).toBe(1)
})

test('records copied into a list: the root send with the record key of the message is its output', async () => {
  const at = (order: number) => [
    {
      id: `a${order}/s`,
      service: 'checkout',
      at: order,
      ...send('orders', { 'messaging.kafka.message.key': `list-${order}` }),
    },
    {
      id: `a${order}/p`,
      service: 'payments',
      at: order + 5,
      for: 0.02,
      parent: `a${order}/s`,
      ...take('orders', { 'messaging.kafka.message.key': `list-${order}` }),
    },
    {
      id: `b${order}/s`,
      service: 'payments',
      at: order + 20,
      ...send('paid', { 'messaging.kafka.message.key': `list-${order}` }),
    },
    { id: `b${order}/p`, service: 'shipping', at: order + 30, parent: `b${order}/s`, ...take('paid') },
  ]
  const read = await tell([1, 2, 3].flatMap(at))
  expect(hopsOf(await read('a2/'))).toEqual([
    'checkout > orders > payments (parent)',
    'payments > paid > shipping (parent)',
  ])
  expect((await read('list-2')).summary.traceCount).toBe(2)
})

test('receive and process as new roots that link back one by one are one delivery', async () => {
  const read = await tell([
    { id: 'a/s', service: 'checkout', at: 0, ...send('orders') },
    { id: 'b/r', service: 'payments', at: 5, for: 0, links: ['a/s'], ...take('orders', {}, 'receive') },
    { id: 'c/p', service: 'payments', at: 6, links: ['b/r'], ...take('orders') },
    { id: 'c/s', service: 'payments', at: 7, parent: 'c/p', ...send('paid') },
  ])
  const flow = await read('a/')
  expect(hopsOf(flow)).toEqual(['checkout > orders > payments (link)'])
  expect(flow.summary.spanCount).toBe(4)
})

test('a poll of many with process spans below it keeps the orders apart', async () => {
  const read = await tell([
    ...[1, 2, 3].map((order) => ({ id: `a${order}/s`, service: 'checkout', at: order, ...send('orders') })),
    {
      id: 'p/r',
      service: 'payments',
      at: 10,
      for: 3,
      links: ['a1/s', 'a2/s', 'a3/s'],
      ...take('orders', { 'messaging.batch.message_count': 3 }, 'receive'),
    },
    ...[1, 2, 3].flatMap((order) => [
      {
        id: `p/p${order}`,
        service: 'payments',
        at: 13 + order,
        parent: 'p/r',
        links: [`a${order}/s`],
        ...take('orders'),
      },
      { id: `p/s${order}`, service: 'payments', at: 13 + order, parent: `p/p${order}`, ...send('paid') },
      { id: `p/q${order}`, service: 'shipping', at: 20 + order, parent: `p/s${order}`, ...take('paid') },
    ]),
  ])
  expect(hopsOf(await read('a2/'))).toEqual([
    'checkout > orders > payments (link)',
    'payments > paid > shipping (parent)',
  ])
})

test('an id on more traces than one flow can have is a hub: some are read, and that is said', async () => {
  const hub = { 'messaging.message.conversation_id': 'tenant-42' }
  const acts = Array.from({ length: 230 }, (_, n) => ({
    id: `h${n}/s`,
    service: 'checkout',
    at: n,
    ...send('orders', hub),
  }))
  const read = await tell(acts, true)
  const flow = await read('tenant-42')
  expect(flow.rows.filter(({ kind }) => kind === 'span')).toHaveLength(200)
  expect(flow.caps).toEqual(['the id is on 230 traces; the first 200 are read'])
})

test('a span that ends before it starts, one that names itself as parent, and links in a circle are shown once each', async () => {
  const read = await tell([
    { id: 'a/s', service: 'checkout', at: 50, for: -20, ...send('orders') },
    { id: 'a/x', service: 'checkout', at: 51, parent: 'a/x' },
    { id: 'a/p', service: 'payments', at: 60, links: ['a/q'], ...take('orders') },
    { id: 'a/q', service: 'payments', at: 61, links: ['a/p'], ...take('orders') },
  ])
  const flow = await read('a/')
  expect(flow.rows.filter(({ kind }) => kind === 'span')).toHaveLength(4)
  expect(flow.hops.every(({ dwellUs }) => dwellUs === null)).toBe(true)
})

const batchOf = (
  keyOf: (order: number, isOutput: boolean) => Act['says'],
  linked: readonly number[],
  dropped: number,
): Act[] => [
  ...[1, 2, 3].map((order) => ({
    id: `a${order}/s`,
    service: 'checkout',
    at: order,
    ...send('orders', keyOf(order, false)),
  })),
  {
    id: 'p/p',
    service: 'payments',
    at: 10,
    for: 9,
    links: linked.map((order) => `a${order}/s`),
    dropped,
    ...take('orders', { 'messaging.batch.message_count': 3 }),
  },
  ...[1, 2, 3].flatMap((order) => [
    { id: `p/s${order}`, service: 'payments', at: 12 + order, parent: 'p/p', ...send('paid', keyOf(order, true)) },
    { id: `p/q${order}`, service: 'shipping', at: 20 + order, parent: `p/s${order}`, ...take('paid') },
  ]),
]

test('one span for a batch: outputs that carry on the record key are told apart', async () => {
  const read = await tell(batchOf((order) => ({ 'messaging.kafka.message.key': `told-${order}` }), [1, 2, 3], 0))
  expect(hopsOf(await read('a2/'))).toEqual([
    'checkout > orders > payments (link)',
    'payments > paid > shipping (parent)',
  ])
})

test('one span for a batch without keys: its outputs are shown as one of many, and nobody else’s deliveries are', async () => {
  const read = await tell(batchOf(() => ({}), [1, 2, 3], 0))
  const flow = await read('a2/')
  expect(hopsOf(flow)).toEqual(['checkout > orders > payments (link)'])
  expect(flow.hops.filter(({ receiver }) => receiver === null).map(({ oneOf }) => oneOf)).toEqual([3, 3, 3])
})

test('a batch whose links were cut is joined by the record key that it sent on', async () => {
  const read = await tell(batchOf((order) => ({ 'messaging.kafka.message.key': `cut-${order}` }), [1], 2))
  expect(hopsOf(await read('a3/'))).toEqual([
    'checkout > orders > payments (key)',
    'payments > paid > shipping (parent)',
  ])
})

test('an id that a library makes anew for each message does not break what parents join', async () => {
  const id = (name: string) => ({ 'messaging.message.conversation_id': `per-message-${name}` })
  const read = await tell([
    { id: 'a/s', service: 'checkout', at: 0, ...send('orders', id('one')) },
    { id: 'a/p', service: 'payments', at: 5, parent: 'a/s', ...take('orders', id('one')) },
    { id: 'a/t', service: 'payments', at: 6, parent: 'a/p', ...send('paid', id('two')) },
    { id: 'a/q', service: 'shipping', at: 9, parent: 'a/t', ...take('paid', id('two')) },
  ])
  expect(hopsOf(await read('a/'))).toEqual([
    'checkout > orders > payments (parent)',
    'payments > paid > shipping (parent)',
  ])
})

test('a parent that never came leaves the delivery without a sender', async () => {
  const orphan: Act = { id: 'a/p', service: 'payments', at: 5, parent: 'a/s', ...take('orders') }
  const read = await tell([orphan])
  expect(hopsOf(await read('a/'))).toEqual(['? > orders > payments (none)'])
})
