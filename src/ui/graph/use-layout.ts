'use client'
import { useEffect, useRef, useState } from 'react'
import { type LayoutGraph, structureKey, type PlacedGraph } from '#ui/graph/elk-graph.ts'

interface Layout {
  /** The last graph that was placed; while another is being placed it stays in sight. */
  readonly placed: PlacedGraph | null
  readonly error: unknown
}

/** Places the graph anew only when its nodes or edges change; new figures move nothing. */
export function useLayout(graph: LayoutGraph): Layout {
  const [layout, setLayout] = useState<Layout>({ placed: null, error: null })
  const latest = useRef(graph)
  useEffect(() => {
    latest.current = graph
  })
  const key = structureKey(graph)
  useEffect(() => {
    let isWanted = true
    import('#ui/graph/layout-graph.ts')
      .then(({ layoutGraph }) => layoutGraph(latest.current))
      .then(
        (placed) => isWanted && setLayout({ placed, error: null }),
        (error: unknown) => isWanted && setLayout((known) => ({ ...known, error })),
      )
    return () => {
      isWanted = false
    }
  }, [key])
  return layout
}
