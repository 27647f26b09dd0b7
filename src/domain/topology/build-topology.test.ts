import { expect, test } from 'vitest'
import { buildTopology, type TopologyFacts } from '#domain/topology/build-topology.ts'
import { cutTopology } from '#domain/topology/cut-topology.ts'
import { filterByPath } from '#domain/topology/filter-by-path.ts'
import type { ServiceEdge } from '#domain/topology/service-edge.ts'
import type { GroupReading } from '#domain/topology/topology.ts'
import { addDuration, type DurationSketch } from '#domain/trace/duration-sketch.ts'

const sketchOf = (...durationsUs: number[]): DurationSketch => {
  const sketch: DurationSketch = new Map()
  for (const durationUs of durationsUs) addDuration(sketch, durationUs)
  return sketch
}

const QUIET = { fromService: null, consumerGroup: null, sentCount: 0, receivedCount: 0, errorCount: 0 }
const edgeOf = (service: string, destination: string, more: Partial<ServiceEdge>): ServiceEdge => ({
  service,
  destination,
  ...QUIET,
  dwell: new Map(),
  processing: new Map(),
  ...more,
})
const groupOf = (group: string, destination: string, more: Partial<GroupReading> = {}): GroupReading => ({
  clusterId: 'k1',
  group,
  destination,
  lagState: 'OK',
  lagSentence: 'fine',
  lagMessages: 0,
  timeBehindMs: 0,
  ...more,
})

const build = (facts: Partial<TopologyFacts>) =>
  buildTopology({ edges: [], windowMs: 10_000, groups: [], deadLetterPlaces: [], routes: [], ...facts })
const nodeOf = (topology: ReturnType<typeof build>, id: string) => topology.nodes.find((node) => node.id === id)
const arrows = (topology: ReturnType<typeof build>) =>
  topology.edges.map((edge) => `${edge.fromId} ${edge.kind} ${edge.toId}`)

const SHOP = [
  edgeOf('checkout', 'orders', { sentCount: 200, errorCount: 1 }),
  edgeOf('payments', 'orders', {
    consumerGroup: 'payers',
    receivedCount: 100,
    errorCount: 2,
    dwell: sketchOf(1_000_000),
    processing: sketchOf(40_000),
  }),
  edgeOf('inventory', 'orders', { receivedCount: 100, dwell: sketchOf(9_000_000) }),
  edgeOf('payments', 'settled', { sentCount: 100 }),
]

test('who sends is left of the destination and who receives is right of it, with rates over the window', () => {
  const topology = build({ edges: SHOP })
  expect(arrows(topology)).toEqual([
    'destination:orders receives service:inventory',
    'destination:orders receives service:payments',
    'service:checkout sends destination:orders',
    'service:payments sends destination:settled',
  ])
  expect(nodeOf(topology, 'destination:orders')).toMatchObject({
    sentPerSecond: 20,
    receivedPerSecond: 20,
    errorShare: 3 / 400,
  })
  expect(nodeOf(topology, 'service:payments')).toMatchObject({ sentPerSecond: 10, receivedPerSecond: 10 })
})

test('the dwell of a destination is read off the merged sketches, that of an edge off its own', () => {
  const topology = build({ edges: SHOP })
  expect(nodeOf(topology, 'destination:orders')!.dwellP95Ms).toBeGreaterThan(8_000)
  const slow = topology.edges.find((edge) => edge.toId === 'service:payments')!
  expect(slow.dwellP95Ms).toBeGreaterThan(900)
  expect(slow.dwellP95Ms).toBeLessThan(1_100)
})

test('what nobody counted is unknown and not 0', () => {
  const topology = build({ groups: [groupOf('audit', 'orders', { lagMessages: null })] })
  expect(nodeOf(topology, 'destination:orders')).toMatchObject({
    sentPerSecond: null,
    receivedPerSecond: null,
    errorShare: null,
    dwellP95Ms: null,
    lagMessages: null,
    openDeadLetterCount: null,
  })
})

test('a group is found by the spans that name it, by the service of that name, or stands alone', () => {
  const topology = build({
    edges: SHOP,
    groups: [
      groupOf('payers', 'orders', { lagState: 'STOPPED', lagMessages: 70, lagSentence: 'no commit' }),
      groupOf('inventory', 'orders', { lagMessages: 3 }),
      groupOf('audit', 'orders', { lagState: 'LAGGING', lagMessages: 9 }),
    ],
  })
  expect(nodeOf(topology, 'service:payments')).toMatchObject({ lagState: 'STOPPED', lagMessages: 70 })
  expect(nodeOf(topology, 'service:inventory')).toMatchObject({ lagState: 'OK', lagMessages: 3 })
  expect(nodeOf(topology, 'group:k1/audit')).toMatchObject({ kind: 'group', lagMessages: 9, receivedPerSecond: null })
  expect(nodeOf(topology, 'destination:orders')).toMatchObject({
    lagState: 'STOPPED',
    lagSentence: 'no commit',
    lagMessages: 70,
  })
  expect(topology.nodes.filter((node) => node.kind === 'group')).toHaveLength(1)
})

test('workers of a queue that bear its name are whoever receives from it, and nobody when no span tells', () => {
  const seen = build({
    edges: [edgeOf('mailer', 'mail', { receivedCount: 5, consumerGroup: 'post' })],
    groups: [groupOf('mail', 'mail', { lagMessages: 4 })],
  })
  expect(nodeOf(seen, 'service:mailer')).toMatchObject({ lagMessages: 4 })
  const unseen = build({ groups: [groupOf('mail', 'mail', { lagMessages: 4 })] })
  expect(unseen.nodes.map((node) => [node.id, node.lagMessages])).toEqual([['destination:mail', 4]])
})

test('dead letters hang on their origin, and are counted there when it is the only one', () => {
  const place = { clusterId: 'k1', destination: 'orders.DLT', openCount: 12, soonestExpiryAtMs: 99 }
  const topology = build({ edges: SHOP, deadLetterPlaces: [{ ...place, origins: ['orders'] }] })
  expect(arrows(topology)).toContain('destination:orders dead-letters destination:orders.DLT')
  expect(nodeOf(topology, 'destination:orders.DLT')).toMatchObject({
    kind: 'dead-letters',
    openDeadLetterCount: 12,
    soonestExpiryAtMs: 99,
  })
  expect(nodeOf(topology, 'destination:orders')).toMatchObject({ openDeadLetterCount: 12 })
  const shared = build({ edges: SHOP, deadLetterPlaces: [{ ...place, origins: ['orders', 'settled'] }] })
  expect(nodeOf(shared, 'destination:orders')?.openDeadLetterCount).toBeNull()
})

test('a path holds what led to a node and what follows from it, not the neighbours', () => {
  const topology = build({
    edges: SHOP,
    routes: [{ clusterId: 'k1', from: 'settled', to: 'settled.email' }],
    deadLetterPlaces: [
      { clusterId: 'k1', destination: 'orders.DLT', origins: ['orders'], openCount: 0, soonestExpiryAtMs: null },
    ],
  })
  expect(filterByPath(topology, 'service:payments').nodes.map((node) => node.name)).toEqual([
    'orders',
    'settled',
    'settled.email',
    'checkout',
    'payments',
  ])
  expect(filterByPath(topology, 'service:nobody')).toBe(topology)
})

test('a path through a cycle ends', () => {
  const topology = build({
    edges: [edgeOf('retrier', 'retry', { sentCount: 1, receivedCount: 1, errorCount: 9 })],
  })
  expect(filterByPath(topology, 'destination:retry').edges).toHaveLength(2)
  expect(topology.edges.map((edge) => edge.errorShare)).toEqual([1, 1])
})

test('what is too much to draw loses the quiet and keeps the troubled', () => {
  const edges = Array.from({ length: 50 }, (_, index) => edgeOf(`s${index}`, 'busy', { sentCount: index + 1 }))
  const { topology, omittedNodeCount } = cutTopology(
    build({ edges, groups: [groupOf('late', 'busy', { lagState: 'STOPPED' })] }),
    10,
  )
  expect(omittedNodeCount).toBe(42)
  const names = topology.nodes.map((node) => node.name)
  expect(names).toContain('late')
  expect(names).toContain('s49')
  expect(names).not.toContain('s0')
  expect(topology.edges.every((edge) => topology.nodes.some((node) => node.id === edge.fromId))).toBe(true)
})
