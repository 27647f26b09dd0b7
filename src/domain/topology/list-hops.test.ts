import { expect, test } from 'vitest'
import { listHops } from '#domain/topology/list-hops.ts'
import type { ServiceEdge } from '#domain/topology/service-edge.ts'

const edgeOf = (
  fromService: string | null,
  destination: string,
  service: string,
  receivedCount: number,
): ServiceEdge => ({
  fromService,
  destination,
  service,
  consumerGroup: `${service}-group`,
  sentCount: 0,
  receivedCount,
  errorCount: receivedCount / 10,
  dwell: new Map([[60, 10]]),
  processing: new Map([[40, 10]]),
})
const EDGES = [
  { ...edgeOf(null, 'orders', 'checkout', 0), sentCount: 100 },
  edgeOf('checkout', 'orders', 'mailer', 100),
  edgeOf('shop', 'orders', 'mailer', 300),
  edgeOf(null, 'orders', 'billing', 10),
  edgeOf('mailer', 'mails', 'post', 50),
]
const namesOf = (kind: 'service' | 'destination', name: string, limit = 10) =>
  listHops(EDGES, { kind, name }, { windowMs: 10_000, limit }).map(
    (hop) => `${hop.fromService ?? '?'} > ${hop.service}`,
  )

test('at a destination each producer and consumer are a hop, the busiest first', () => {
  expect(namesOf('destination', 'orders')).toEqual(['shop > mailer', 'checkout > mailer', '? > billing'])
  expect(namesOf('destination', 'orders', 1)).toEqual(['shop > mailer'])
})

test('at a service stand the hops that it begins and those that it ends', () => {
  expect(namesOf('service', 'mailer')).toEqual(['shop > mailer', 'checkout > mailer', 'mailer > post'])
  expect(namesOf('service', 'orders')).toEqual([])
})

test('a hop has its own rate, errors and times', () => {
  const [hop] = listHops(EDGES, { kind: 'service', name: 'post' }, { windowMs: 10_000, limit: 1 })
  expect(hop).toMatchObject({ destination: 'mails', consumerGroup: 'post-group', perSecond: 5, errorShare: 0.1 })
  expect(hop?.dwellP95Ms).toBeCloseTo(1.2 ** 60.5 / 1000, 0)
  expect(hop?.processingP95Ms).toBeCloseTo(1.2 ** 40.5 / 1000, 0)
})
