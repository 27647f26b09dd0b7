import { expect, test } from 'vitest'
import { drawHopStrip, type StripEvent, type StripStep } from '#domain/flow/hop-strip.ts'

const send = (service: string, destination: string, atUs: number): StripEvent => ({
  service,
  destination,
  atUs,
  isSend: true,
  isError: false,
  spanId: `${service} to ${destination}`,
  senderIds: [],
})
const take = (service: string, destination: string, atUs: number, isError = false): StripEvent => ({
  service,
  destination,
  atUs,
  isSend: false,
  isError,
  spanId: `${service} from ${destination}`,
  senderIds: [],
})
const words = (steps: readonly StripStep[]) =>
  steps.map((step) =>
    step.kind === 'queue'
      ? `~${step.name}${step.isOpen ? '?' : ''}~`
      : `${step.name}${step.isError ? '!' : ''}${step.times > 1 ? ` x${step.times}` : ''}`,
  )

test('two hops in a row are one line, with the time that each message waited', () => {
  const steps = drawHopStrip([
    take('payments', 'orders', 30),
    send('checkout', 'orders', 10),
    send('payments', 'paid', 40),
    take('shipping', 'paid', 45),
  ])
  expect(words(steps)).toEqual(['checkout', '~orders~', 'payments', '~paid~', 'shipping'])
  expect(steps.flatMap((step) => (step.kind === 'queue' ? [step.dwellUs] : []))).toEqual([20, 5])
})

test('retries are one hop that says how often, and that it failed', () => {
  expect(words(drawHopStrip([send('a', 'q', 1), take('b', 'q', 2, true), take('b', 'q', 3)]))).toEqual([
    'a',
    '~q~',
    'b! x2',
  ])
})

test('a message that nobody took ends in an open queue', () => {
  expect(words(drawHopStrip([send('a', 'q', 1)]))).toEqual(['a', '~q?~'])
})

test('every group of a topic is drawn, each with the wait since the one send', () => {
  const steps = drawHopStrip([send('a', 'q', 1), take('b', 'q', 5), take('c', 'q', 9)])
  expect(words(steps)).toEqual(['a', '~q~', 'b', '~q~', 'c'])
  expect(steps.flatMap((step) => (step.kind === 'queue' ? [step.dwellUs] : []))).toEqual([4, 8])
})

test('a message that was handed on under another name is joined by the span of its sender', () => {
  const sent = send('a', 'topic', 1)
  const taken = [take('b', 'queue.b', 3), take('c', 'queue.c', 4)].map((one) => ({ ...one, senderIds: [sent.spanId] }))
  const steps = drawHopStrip([sent, ...taken])
  expect(words(steps)).toEqual(['a', '~queue.b~', 'b', '~queue.c~', 'c'])
  expect(steps.flatMap((step) => (step.kind === 'queue' ? [step.dwellUs] : []))).toEqual([2, 3])
})

test('a consumer whose sender is not traced has no wait', () => {
  expect(drawHopStrip([take('b', 'q', 5)])).toEqual([
    { kind: 'queue', name: 'q', dwellUs: null, isOpen: false },
    { kind: 'service', name: 'b', isError: false, times: 1 },
  ])
})

test('a thousand hops are drawn as a few', () => {
  const events = Array.from({ length: 1_000 }, (_, index) => take(`s${index}`, `q${index}`, index))
  expect(drawHopStrip(events).length).toBeLessThan(40)
})
