import { expect, test } from 'vitest'
import { assembleFlow } from '#domain/flow/assemble-flow.ts'
import type { DestinationReader, FlowWitnesses } from '#domain/flow/destination-reader.ts'
import { consume, facts, MS, send, T0 } from '#domain/flow/flow-story.ts'
import { lane, reader } from '#domain/flow/reader-story.ts'
import type { SpanRecord } from '#domain/trace/span.ts'

const NOW_MS = T0 / MS + 600_000

const judge = (
  spans: readonly SpanRecord[],
  readers: readonly DestinationReader[],
  over: Partial<FlowWitnesses> = {},
) =>
  assembleFlow(facts({ spans }), {
    nowMs: NOW_MS,
    readers: readers.map((one) => ({ ...one, asOfMs: NOW_MS - 1_000 })),
    seenReceivers: [],
    hostsOfService: new Map(),
    ...over,
  })
const kinds = ({ deliveries }: ReturnType<typeof judge>) =>
  Object.fromEntries(deliveries.deliveries.map(({ destination, group, kind }) => [`${destination}/${group}`, kind]))

const sent = send('s', 'payments', { at: 0, for: 2, service: 'payments' })
const shipped = consume(
  'p',
  'payments',
  { at: 10, for: 5, service: 'shipping', parent: 's' },
  { partition: '2', offset: '350' },
)
const shipping = reader({ group: 'shipping', lanes: [lane({ lane: '2', committed: 351 })] })
const email = reader({
  group: 'email',
  lanes: [lane({ lane: '1', committed: 400 }), lane({ lane: '2', committed: 100 })],
})

test('the place that one receiver reports tells how far the other group is from the message', () => {
  const flow = judge([sent, shipped], [shipping, email])
  expect(kinds(flow)).toEqual({ 'payments/shipping': 'taken', 'payments/email': 'waiting' })
  expect(flow.deliveries.sentence).toBe('consumed by 1 of 2 groups')
  expect(flow.deliveries.deliveries.find(({ group }) => group === 'email')).toMatchObject({
    aheadCount: 250,
    lane: '2',
  })
  expect(flow.hops.find(({ receiver }) => receiver !== null)?.attribution).toMatchObject({ group: 'shipping' })
})

test('a group that gets copies in a queue of its own takes the message there', () => {
  const queue = (group: string) =>
    reader({
      clusterKind: 'pgqueue',
      destination: `payments.${group}`,
      group: `payments.${group}`,
      sentTo: [`payments.${group}`, 'payments'],
      isQueue: true,
      lanes: [lane({ lane: '', committed: 3, end: 90, timeBehindMs: 700_000, timeBehindErrorMs: 0 })],
    })
  const published = send('s', 'payments', { at: 0, for: 2, service: 'payments' }, { system: 'pg-boss' })
  const taken = consume(
    'p',
    'payments.shipping',
    { at: 10, for: 5, service: 'shipping', parent: 's' },
    { system: 'pg-boss', consumerGroup: 'shipping' },
  )
  expect(kinds(judge([published, taken], [queue('shipping'), queue('email')]))).toEqual({
    'payments/payments.shipping': 'taken',
    'payments/payments.email': 'waiting',
  })
})

test('changelogs, internal destinations and dead-letter places are expected by nobody', () => {
  const spans = ['store-changelog', 'payments.DLT', '__own'].map((name) =>
    send(name, name, { at: 0, for: 1, service: 'streams' }),
  )
  const readers = [
    reader({ destination: 'store-changelog' }),
    reader({ destination: 'payments.DLT', isExempt: true }),
    reader({ destination: '__own' }),
  ]
  expect(judge(spans, readers).deliveries).toEqual({ deliveries: [], sentence: null })
})

test('whoever took such messages lately should take the next, though no broker is connected', () => {
  const flow = judge([sent], [], {
    seenReceivers: [{ destination: 'payments', service: 'shipping', consumerGroup: null }],
  })
  expect(kinds(flow)).toEqual({ 'payments/shipping': 'not-seen' })
  expect(flow.deliveries.deliveries[0]).toMatchObject({ clusterId: null, group: 'shipping' })
})

test('a message that failed to be sent is missed by nobody', () => {
  const failed = send('s', 'payments', { at: 0, for: 2, service: 'payments', isError: true })
  expect(judge([failed], [email]).deliveries.deliveries).toEqual([])
})

test('a name that two clusters know is judged only when a taker tells which it is', () => {
  const elsewhere = reader({ clusterId: 'k2', group: 'audit', lanes: [lane({ lane: '2', committed: 0 })] })
  expect(judge([sent], [email, elsewhere]).deliveries.deliveries).toEqual([])
  const named = { ...shipped, messaging: { ...shipped.messaging!, consumerGroup: 'shipping' } }
  expect(kinds(judge([sent, named], [email, shipping, elsewhere]))).toEqual({
    'payments/shipping': 'taken',
    'payments/email': 'waiting',
  })
})
