'use client'
import { Maximize, Minus, Plus } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button } from '#ui/button.tsx'
import { Note } from '#ui/note.tsx'
import { Skeleton } from '#ui/skeleton.tsx'
import type { LayoutGraph } from '#ui/graph/elk-graph.ts'
import { fitScale } from '#ui/graph/fit-scale.ts'
import { GraphPicture, type GraphDrawing } from '#ui/graph/graph-picture.tsx'
import { useLayout } from '#ui/graph/use-layout.ts'
import { useHotkeys } from '#ui/use-hotkeys.ts'

interface GraphCanvasProps<Graph extends LayoutGraph> extends GraphDrawing<Graph> {
  /** Fixed, so that nothing moves when the map is there. */
  readonly className: string
  /** Small maps have no buttons and are never shown larger than they fit. */
  readonly isCompact?: boolean
}

const MOST = 2
const STEP = 1.25

/** Lays a graph out, fits it into its frame until somebody zooms, and lets it be moved. */
export function GraphCanvas<Graph extends LayoutGraph>({
  className,
  isCompact = false,
  ...drawing
}: GraphCanvasProps<Graph>) {
  const { placed, error } = useLayout(drawing.graph)
  const [size, setSize] = useState<{ readonly width: number; readonly height: number } | null>(null)
  const [zoom, setZoom] = useState<number | null>(null)
  const frame = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = frame.current
    if (element === null) return
    const observer = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const fit = placed === null || size === null ? null : fitScale(placed, size, isCompact ? 1 : 1.15)
  const scale = zoom ?? fit
  const zoomBy = (factor: number) => setZoom(Math.min(MOST, Math.max(0.2, (scale ?? 1) * factor)))
  useHotkeys(
    {
      '+': () => zoomBy(STEP),
      '-': () => zoomBy(1 / STEP),
      '0': () => setZoom(null),
    },
    !isCompact,
  )
  return (
    <div ref={frame} className={`relative ${className}`}>
      {error !== null && placed === null ? (
        <div className="p-3.5">
          <Note tone="bad" isAlert title="The map could not be drawn">
            The table shows the same. Reload the page to try again.
          </Note>
        </div>
      ) : placed === null || scale === null ? (
        <MapSkeleton />
      ) : (
        <>
          <GraphPicture {...drawing} placed={placed} scale={scale} />
          {placed.width * scale > (size?.width ?? 0) + 1 && (
            <span
              aria-hidden="true"
              className="pointer-events-none absolute inset-y-0 right-0 w-6 bg-linear-to-l from-panel to-transparent"
            />
          )}
          {!isCompact && (
            <div className="absolute right-2 bottom-2 flex gap-1">
              <Button
                size="small"
                aria-label="Zoom out"
                onClick={() => zoomBy(1 / STEP)}
                icon={<Minus size={12} aria-hidden="true" />}
              />
              <Button
                size="small"
                aria-label="Zoom in"
                onClick={() => zoomBy(STEP)}
                icon={<Plus size={12} aria-hidden="true" />}
              />
              <Button
                size="small"
                aria-label="Fit the map"
                onClick={() => setZoom(null)}
                icon={<Maximize size={12} aria-hidden="true" />}
              />
            </div>
          )}
        </>
      )}
    </div>
  )
}

function MapSkeleton() {
  return (
    <output aria-label="Loading the map" className="flex h-full items-center justify-around gap-6 px-6">
      {[2, 1, 3, 2].map((count, column) => (
        <span key={column} className="flex w-full max-w-40 flex-col gap-5">
          {Array.from({ length: count }, (_, row) => (
            <Skeleton key={row} className="h-11" />
          ))}
        </span>
      ))}
    </output>
  )
}
