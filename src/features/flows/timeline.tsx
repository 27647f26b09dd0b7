'use client'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { FlowOpening } from '#domain/flow/flow-opening.ts'
import { openScale } from '#domain/flow/timeline-scale.ts'
import { classNames } from '#ui/class-names.ts'
import { EmptyState } from '#ui/empty-state.tsx'
import { FailureNote } from '#features/failure/failure-note.tsx'
import { TimelineAxis } from '#features/flows/timeline-axis.tsx'
import { TimelineFolds } from '#features/flows/timeline-folds.tsx'
import { ROW_PX, TIMELINE_GRID, TimelineLine } from '#features/flows/timeline-line.tsx'
import { useFlowRows } from '#features/flows/use-flow-rows.ts'
import { useRowCursor } from '#features/flows/use-row-cursor.ts'

/** Until the window is measured, so that the first rows are drawn with the page and not after it. */
const USUAL_WINDOW = { width: 1440, height: 900 }

interface TimelineProps {
  /** As it was asked for: an alias also finds the flow. */
  readonly asked: string
  readonly flow: FlowOpening
  /** Only the rows that decided how long the flow took. */
  readonly isCriticalOnly: boolean
  readonly openId: string | null
  /** Where the open row is, as far as that is known. */
  readonly openIndex: number | null
  readonly onOpen: (id: string | null) => void
}

/** Everything that happened, one under the other on one time scale; only the rows in sight are loaded and drawn. */
export function Timeline({ asked, flow, isCriticalOnly, openId, openIndex, onOpen }: TimelineProps) {
  const list = useRef<HTMLDivElement>(null)
  const [topPx, setTopPx] = useState(0)
  useLayoutEffect(() => {
    if (list.current !== null) setTopPx(list.current.getBoundingClientRect().top + window.scrollY)
  }, [flow.version])
  const rowCount = isCriticalOnly ? flow.criticalRowCount : flow.rowCount
  const scale = useMemo(() => openScale(flow.scale), [flow.scale])
  const virtual = useWindowVirtualizer({
    count: rowCount,
    estimateSize: () => ROW_PX,
    overscan: 10,
    initialRect: USUAL_WINDOW,
    scrollMargin: topPx,
  })
  const items = virtual.getVirtualItems()
  const rows = useFlowRows(asked, flow, isCriticalOnly, items[0]?.index ?? 0, items.at(-1)?.index ?? 0)
  const toggle = useCallback((id: string, isOpen: boolean) => onOpen(isOpen ? null : id), [onOpen])
  const cursor = useRowCursor({
    rowCount,
    openIndex: isCriticalOnly ? (items.find(({ index }) => rows.at(index)?.id === openId)?.index ?? null) : openIndex,
    isOpen: openId !== null,
    onOpen: (index) => onOpen(rows.at(index)?.id ?? openId),
    onClose: () => onOpen(null),
    onMove: (index) => virtual.scrollToIndex(index),
  })
  if (rowCount === 0) {
    return (
      <EmptyState title="Nothing to draw">
        No span of this flow is stored any more; its dead letters and operations may be.
      </EmptyState>
    )
  }
  return (
    <>
      {rows.error !== null && <FailureNote error={rows.error} />}
      <div className="overflow-x-auto rounded-lg border border-line bg-panel">
        <div className="min-w-[560px]">
          <div className={classNames(TIMELINE_GRID, 'border-b border-line')}>
            <div className="py-1 pl-2.5 text-xs text-ink-3">Service · what it did</div>
            <TimelineAxis scale={scale} />
          </div>
          <div ref={list} className="relative" style={{ height: virtual.getTotalSize() }}>
            <TimelineFolds scale={scale} />
            {items.map((item) => {
              const row = rows.at(item.index)
              return (
                <TimelineLine
                  key={item.key}
                  row={row}
                  scale={scale}
                  topPx={item.start - topPx}
                  isOpen={row !== undefined && row.id === openId}
                  isCursor={item.index === cursor}
                  onToggle={toggle}
                />
              )
            })}
          </div>
        </div>
      </div>
    </>
  )
}
