'use client'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { Flow } from '#domain/flow/flow.ts'
import { classNames } from '#ui/class-names.ts'
import { EmptyState } from '#ui/empty-state.tsx'
import { useListKeys } from '#ui/table/use-list-keys.ts'
import { TimelineAxis } from '#features/flows/timeline-axis.tsx'
import { TimelineBar } from '#features/flows/timeline-bar.tsx'
import { TimelineLabel } from '#features/flows/timeline-label.tsx'
import { buildTimelineScale } from '#features/flows/timeline-scale.ts'

const ROW_PX = 27

interface TimelineProps {
  readonly flow: Flow
  readonly openId: string | null
  readonly onOpen: (id: string | null) => void
}

const GRID = 'grid grid-cols-[minmax(150px,34%)_1fr] xl:grid-cols-[330px_1fr]'

/** Everything that happened, one under the other on one time scale; only the rows in sight are drawn. */
export function Timeline({ flow, openId, onOpen }: TimelineProps) {
  const list = useRef<HTMLDivElement>(null)
  const [topPx, setTopPx] = useState(0)
  useLayoutEffect(() => {
    if (list.current !== null) setTopPx(list.current.getBoundingClientRect().top + window.scrollY)
  }, [])
  const scale = useMemo(
    () =>
      buildTimelineScale(
        flow.rows.map((row) => ({
          startUs: row.startUs,
          durationUs: row.durationUs,
          isWork: row.kind === 'span' || row.kind === 'operation',
        })),
      ),
    [flow.rows],
  )
  const virtual = useWindowVirtualizer({
    count: flow.rows.length,
    estimateSize: () => ROW_PX,
    overscan: 12,
    scrollMargin: topPx,
  })
  const ids = useMemo(() => flow.rows.map((row) => row.id), [flow.rows])
  const cursorId = useListKeys({
    ids,
    openId,
    onOpen,
    onClose: () => onOpen(null),
    isOn: true,
    onMove: (index) => virtual.scrollToIndex(index),
  })
  if (flow.rows.length === 0) {
    return (
      <EmptyState title="Nothing to draw">
        No span of this flow is stored any more; its dead letters and operations may be.
      </EmptyState>
    )
  }
  return (
    <div className="overflow-x-auto rounded-lg border border-line bg-panel">
      <div className="min-w-[560px]">
        <div className={classNames(GRID, 'border-b border-line')}>
          <div className="py-1 pl-2.5 text-xs text-ink-3">Service · what it did</div>
          <TimelineAxis scale={scale} />
        </div>
        <div ref={list} className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = flow.rows[item.index]
            if (row === undefined) return null
            return (
              <button
                key={row.id}
                type="button"
                data-row-id={row.id}
                aria-pressed={row.id === openId}
                onClick={() => onOpen(row.id === openId ? null : row.id)}
                className={classNames(
                  GRID,
                  'absolute inset-x-0 items-center border-b border-line-soft text-left -outline-offset-2',
                  row.id === openId ? 'bg-accent-weak' : row.id === cursorId ? 'bg-panel-2' : 'hover:bg-panel-2/60',
                )}
                style={{ height: ROW_PX, transform: `translateY(${item.start - topPx}px)` }}
              >
                <TimelineLabel row={row} />
                <span className="block h-full border-l border-line-soft">
                  <TimelineBar row={row} scale={scale} />
                </span>
              </button>
            )
          })}
        </div>
      </div>
    </div>
  )
}
