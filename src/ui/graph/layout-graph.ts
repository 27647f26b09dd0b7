import ElkApi from 'elkjs/lib/elk-api.js'
import { fromElkGraph, type LayoutGraph, structureKey, toElkGraph, type PlacedGraph } from '#ui/graph/elk-graph.ts'

const MAX_KEPT = 20

const elk = new ElkApi({
  workerFactory: () => new Worker(new URL('./layout-worker.ts', import.meta.url), { type: 'module' }),
})
/** By structure: going back to a path or a moment that was seen draws it where it was. */
const kept = new Map<string, PlacedGraph>()

/** Places a graph in a web worker, so that the page stays alive meanwhile. */
export async function layoutGraph(graph: LayoutGraph): Promise<PlacedGraph> {
  const key = structureKey(graph)
  const known = kept.get(key)
  if (known !== undefined) return known
  const placed = fromElkGraph(await elk.layout(toElkGraph(graph)))
  const [oldest] = kept.keys()
  if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest)
  kept.set(key, placed)
  return placed
}
