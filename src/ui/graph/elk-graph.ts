import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js'

export const NODE_WIDTH = 156
export const NODE_HEIGHT = 44

/** What is placed: boxes of one size, and arrows between them. */
export interface LayoutGraph {
  readonly nodes: readonly { readonly id: string }[]
  readonly edges: readonly { readonly id: string; readonly fromId: string; readonly toId: string }[]
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface PlacedNode {
  readonly id: string
  readonly x: number
  readonly y: number
}

export interface PlacedEdge {
  readonly id: string
  /** An SVG path. */
  readonly path: string
  /** Halfway along it: where its figure stands. */
  readonly middle: Point
}

export interface PlacedGraph {
  readonly width: number
  readonly height: number
  readonly nodes: ReadonlyMap<string, PlacedNode>
  readonly edges: ReadonlyMap<string, PlacedEdge>
}

/** The same for graphs of the same nodes and edges, whatever figures they bear. */
export function structureKey(graph: LayoutGraph): string {
  return JSON.stringify([graph.nodes.map((node) => node.id), graph.edges.map((edge) => edge.id)])
}

/** Layers from left to right; sizes do not depend on figures, so that a layout lives as long as the structure. */
export function toElkGraph(graph: LayoutGraph): ElkNode {
  return {
    id: 'topology',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'RIGHT',
      'elk.edgeRouting': 'SPLINES',
      'elk.padding': '[top=16,left=16,bottom=16,right=16]',
      'elk.spacing.nodeNode': '22',
      'elk.spacing.edgeNode': '14',
      'elk.spacing.componentComponent': '28',
      'elk.layered.spacing.nodeNodeBetweenLayers': '44',
      'elk.layered.spacing.edgeNodeBetweenLayers': '14',
      'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
      'elk.layered.nodePlacement.bk.fixedAlignment': 'BALANCED',
      'elk.randomSeed': '7',
    },
    children: graph.nodes.map((node) => ({ id: node.id, width: NODE_WIDTH, height: NODE_HEIGHT })),
    edges: graph.edges.map((edge) => ({ id: edge.id, sources: [edge.fromId], targets: [edge.toId] })),
  }
}

export function fromElkGraph(placed: ElkNode): PlacedGraph {
  return {
    width: placed.width ?? 0,
    height: placed.height ?? 0,
    nodes: new Map((placed.children ?? []).map(({ id, x = 0, y = 0 }) => [id, { id, x, y }])),
    edges: new Map((placed.edges ?? []).map((edge) => [edge.id, toPlacedEdge(edge)])),
  }
}

function toPlacedEdge(edge: ElkExtendedEdge): PlacedEdge {
  const stretches = (edge.sections ?? []).map(({ startPoint, bendPoints = [], endPoint }) => [
    startPoint,
    ...bendPoints,
    endPoint,
  ])
  return {
    id: edge.id,
    path: stretches.map(drawPath).join(' '),
    middle: findMiddle(stretches[0] ?? []),
  }
}

/** Points in between by which the length of a curve is measured. */
const SAMPLES = 8

/** Halfway along a spline, or along straight lines. */
export function findMiddle(points: readonly Point[]): Point {
  const size = (points.length - 1) % 3 === 0 ? 3 : 1
  const walked = points.slice(0, 1)
  for (let at = 0; at + size < points.length; at += size)
    for (let step = 1; step <= SAMPLES; step += 1) walked.push(pointAt(points.slice(at, at + size + 1), step / SAMPLES))
  const lengths = walked.slice(1).map((point, index) => distance(walked[index] ?? point, point))
  let left = lengths.reduce((sum, length) => sum + length, 0) / 2
  const index = lengths.findIndex((length) => (left -= length) <= 0)
  return walked[index + 1] ?? walked[0] ?? { x: 0, y: 0 }
}

/** De Casteljau: the point of a Bézier curve at a share of its parameter. */
function pointAt(curve: readonly Point[], share: number): Point {
  let rest = curve
  while (rest.length > 1) rest = rest.slice(1).map((point, index) => between(rest[index] ?? point, point, share))
  return rest[0] ?? { x: 0, y: 0 }
}

const between = (from: Point, to: Point, share: number): Point => ({
  x: from.x + (to.x - from.x) * share,
  y: from.y + (to.y - from.y) * share,
})

const distance = (from: Point, to: Point): number => Math.hypot(to.x - from.x, to.y - from.y)

/** Splines come as one start and three points for each cubic curve; anything else is drawn straight. */
export function drawPath(points: readonly Point[]): string {
  const [start, ...rest] = points.map(({ x, y }) => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`)
  if (start === undefined) return ''
  if (rest.length % 3 !== 0 || rest.length === 0) return `M${[start, ...rest].join(' L')}`
  return `M${start} C${rest.join(' ')}`
}
