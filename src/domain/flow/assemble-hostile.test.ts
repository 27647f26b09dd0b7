import { expect, test } from 'vitest'
import { assembleFlow } from '#domain/flow/assemble-flow.ts'
import { consume, facts, letter, MS, send, span, T0 } from '#domain/flow/flow-story.ts'
import type { Flow } from '#domain/flow/flow.ts'
import type { SpanLink, SpanRecord } from '#domain/trace/span.ts'

/** Shapes that cost the square of their size, or the stack, when each part looks at all others. */
const times = <Item>(count: number, make: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => make(index))
const spanRowCount = ({ rows }: Flow): number => rows.filter(({ kind }) => kind === 'span').length
const linkTo = (spanId: string): SpanLink => ({ traceId: 't1', spanId })

test('a span with 130,000 others below it', () => {
  const below = times(130_000, (n) => span(`x${n}`, { at: n, for: 1, service: 'a', name: 'step', parent: 'top' }))
  const flow = assembleFlow(facts({ spans: [span('top', { at: 0, for: 9, service: 'a', name: 'job' }), ...below] }))
  expect(spanRowCount(flow)).toBe(130_001)
})

test('one message that is tried 15,000 times without a word of failure, and goes on in the last try', () => {
  const flow = assembleFlow(
    facts({
      spans: [
        send('s', 'orders', { at: 0, for: 1, service: 'checkout' }),
        ...times(15_000, (n) =>
          consume(`c${n}`, 'orders', { at: n * 10 + 10, for: 5, service: 'payments', parent: 's' }),
        ),
        send('on', 'paid', { at: 149_990 + 11, for: 1, service: 'payments', parent: 'c14999' }),
      ],
    }),
  )
  const tries = flow.hops.filter(({ destination }) => destination === 'orders')
  expect(tries.map(({ attempt }) => attempt)).toEqual(times(15_000, (n) => n + 1))
  expect(tries.filter(({ outcome }) => outcome === 'failed')).toHaveLength(14_999)
  expect(tries.at(-1)!.outcome).toBe('processed')
})

test('a poll of a thousand with a process span for each below it, told apart by their places', () => {
  const place = (n: number) => ({ partition: '0', offset: String(n) })
  const flow = assembleFlow(
    facts({
      spans: [
        ...times(1_000, (n) => send(`s${n}`, 'orders', { at: n, for: 1, service: 'checkout' }, place(n))),
        span('poll', {
          at: 2_000,
          for: 10,
          service: 'payments',
          name: 'poll',
          links: times(1_000, (n) => linkTo(`s${n}`)),
          messaging: { operation: 'receive', destination: 'orders', batchCount: 1_000 },
        }),
        ...times(12_000, (n) =>
          consume(`c${n}`, 'orders', { at: 2_010 + n, for: 1, service: 'payments', parent: 'poll' }, place(n % 1_000)),
        ),
      ],
    }),
  )
  expect(flow.hops).toHaveLength(12_000)
  expect(flow.hops.filter(({ sender, offset }) => sender?.spanId !== `s${offset}`)).toEqual([])
})

test('receives that link to each other in circles are asked once', () => {
  const flow = assembleFlow(
    facts({
      spans: times(300, (n) =>
        span(`r${n}`, {
          at: n,
          for: 1,
          service: 'payments',
          name: 'receive',
          links: times(300, (other) => linkTo(`r${other}`)),
          messaging: { operation: 'receive', destination: 'orders' },
        }),
      ),
    }),
  )
  expect(flow.hops).toHaveLength(300)
  expect(flow.hops.every(({ sender }) => sender === null)).toBe(true)
})

test('parents that form a circle of 20,000 are drawn once each', () => {
  const flow = assembleFlow(
    facts({
      spans: times(20_000, (n) =>
        span(`x${n}`, { at: n, for: 1, service: 'a', name: 'step', parent: `x${(n + 1) % 20_000}` }),
      ),
    }),
  )
  expect(spanRowCount(flow)).toBe(20_000)
})

test('200 dead letters among 15,000 sends to their place each find the send at their time', () => {
  const sends = times(15_000, (n) => send(`d${n}`, 'orders.dlq', { at: n * 2, for: 0, service: 'payments' }))
  const letters = times(200, (n) =>
    letter({ id: `l${n}`, position: `0@${n}`, deadUs: T0 + n * 140 * MS, traceId: null, spanId: null }),
  )
  const { rows } = assembleFlow(facts({ spans: sends, deadLetters: letters }))
  const parkedAfter = rows.flatMap((row, at) => (row.kind === 'parked' ? [[row.id, rows[at - 1]?.span?.spanId]] : []))
  expect(parkedAfter).toEqual(times(200, (n) => [`parked:l${n}`, `d${n * 70}`]))
})

test('batches that link to the same messages over and over are cut, and that is said', () => {
  const links = times(500, (n) => linkTo(`s${n}`))
  const batch = (n: number): SpanRecord =>
    consume(`b${n}`, 'orders', { at: 1_000 + n, for: 1, service: 'payments', links }, { batchCount: 500 })
  const flow = assembleFlow(
    facts({
      spans: [
        ...times(500, (n) => send(`s${n}`, 'orders', { at: n, for: 1, service: 'checkout' })),
        ...times(210, batch),
      ],
    }),
  )
  expect(flow.hops).toHaveLength(100_000)
  expect(flow.caps).toEqual(['only the first 100,000 of 105,000 deliveries are placed'])
  expect(spanRowCount(flow)).toBe(710)
})
