import Elk from 'elkjs/lib/elk.bundled.js'
import { expect, test } from 'vitest'
import { buildTopology } from '#domain/topology/build-topology.ts'
import type { ServiceEdge } from '#domain/topology/service-edge.ts'
import {
  drawPath,
  findMiddle,
  fromElkGraph,
  NODE_HEIGHT,
  NODE_WIDTH,
  structureKey,
  toElkGraph,
} from '#ui/graph/elk-graph.ts'
import type { TopologyGraph } from '#features/topology/topology-graph.ts'

const counts = { fromService: null, consumerGroup: null, errorCount: 0, dwell: new Map(), processing: new Map() }
const sends = (service: string, destination: string, sentCount = 1): ServiceEdge => ({
  ...counts,
  service,
  destination,
  sentCount,
  receivedCount: 0,
})
const receives = (service: string, destination: string): ServiceEdge => ({
  ...counts,
  service,
  destination,
  sentCount: 0,
  receivedCount: 1,
})
const graphOf = (edges: readonly ServiceEdge[]): TopologyGraph =>
  buildTopology({ edges, windowMs: 10_000, groups: [], deadLetterPlaces: [], routes: [] })
const place = async (graph: TopologyGraph) => fromElkGraph(await new Elk().layout(toElkGraph(graph)))

const CHAIN = [
  sends('checkout', 'orders'),
  receives('payments', 'orders'),
  sends('payments', 'settled'),
  receives('email', 'settled'),
]

test('messages go from left to right, and the figure of a hop stands between its ends', async () => {
  const placed = await place(graphOf(CHAIN))
  const columns = ['service:checkout', 'destination:orders', 'service:payments', 'destination:settled', 'service:email']
  const xs = columns.map((id) => placed.nodes.get(id)?.x ?? Number.NaN)
  expect(xs).toEqual(xs.toSorted((left, right) => left - right))
  expect(new Set(xs).size).toBe(5)
  const hop = placed.edges.get('receives|destination:orders|service:payments')
  expect(hop?.middle.x).toBeGreaterThan((xs[1] ?? 0) + NODE_WIDTH)
  expect(hop?.middle.x).toBeLessThan(xs[2] ?? 0)
})

test('new figures change neither the structure nor the places', async () => {
  const before = graphOf(CHAIN)
  const after = graphOf([...CHAIN.toReversed(), sends('checkout', 'orders', 900)])
  expect(structureKey(after)).toBe(structureKey(before))
  expect([...(await place(after)).nodes.values()]).toEqual([...(await place(before)).nodes.values()])
  expect(structureKey(graphOf(CHAIN.slice(1)))).not.toBe(structureKey(before))
})

test('a service that reads what it sends is drawn too', async () => {
  const placed = await place(graphOf([sends('retrier', 'retry'), receives('retrier', 'retry')]))
  expect([...placed.edges.values()].every((edge) => edge.path.startsWith('M'))).toBe(true)
})

test('of 300 placed nodes none covers another', async () => {
  const edges = Array.from({ length: 100 }, (_, index) => [
    sends(`producer-${index}`, `topic-${index}`),
    receives(`consumer-${index % 97}`, `topic-${index}`),
    receives(`consumer-${(index * 7) % 97}`, `topic-${index}`),
    sends(`consumer-${index % 97}`, `topic-${(index + 13) % 100}`),
  ]).flat()
  const placed = await place(graphOf(edges))
  const nodes = [...placed.nodes.values()]
  expect(nodes.length).toBeGreaterThan(290)
  const overlaps = nodes.filter((node, index) =>
    nodes
      .slice(index + 1)
      .some((other) => Math.abs(node.x - other.x) < NODE_WIDTH && Math.abs(node.y - other.y) < NODE_HEIGHT),
  )
  expect(overlaps).toEqual([])
}, 30_000)

test('curves are drawn as curves and anything else straight', () => {
  const points = [0, 1, 2, 3].map((at) => ({ x: at, y: at / 3 }))
  expect(drawPath(points)).toBe('M0 0 C1 0.3 2 0.7 3 1')
  expect(drawPath(points.slice(0, 3))).toBe('M0 0 L1 0.3 L2 0.7')
  expect(drawPath([])).toBe('')
  expect(findMiddle(points)).toEqual({ x: 1.5, y: 0.5 })
  expect(Math.abs(findMiddle([0, 4, 10].map((x) => ({ x, y: 0 }))).x - 5)).toBeLessThan(1)
  expect(findMiddle([])).toEqual({ x: 0, y: 0 })
})
