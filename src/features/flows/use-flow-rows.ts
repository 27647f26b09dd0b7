'use client'
import { useQueries } from '@tanstack/react-query'
import { useState } from 'react'
import type { TimelineRow } from '#domain/flow/flow.ts'
import { ROW_WINDOW, type FlowOpening } from '#domain/flow/flow-opening.ts'
import { useTRPC } from '#trpc/use-trpc.ts'

export interface FlowRows {
  /** undefined while its window is on its way. */
  readonly at: (index: number) => TimelineRow | undefined
  /** Whether a window could not be had. */
  readonly error: unknown
}

/** The last known windows, so that a renewed flow does not blink. */
type Windows = ReadonlyMap<number, readonly TimelineRow[]>

/** The rows of the timeline around what is in sight, by windows from the server; the first of the whole timeline came with the page. */
export function useFlowRows(
  asked: string,
  opening: FlowOpening,
  isCriticalOnly: boolean,
  firstIndex: number,
  lastIndex: number,
): FlowRows {
  const trpc = useTRPC()
  const count = isCriticalOnly ? opening.criticalRowCount : opening.rowCount
  const from = Math.max(isCriticalOnly ? 0 : 1, Math.floor(firstIndex / ROW_WINDOW))
  const to = Math.floor(Math.min(lastIndex, count - 1) / ROW_WINDOW)
  const wanted = Array.from({ length: Math.max(0, to - from + 1) }, (_, step) => from + step)
  const { loaded, error } = useQueries({
    queries: wanted.map((window) => ({
      ...trpc.flow.rows.queryOptions({
        flowKey: asked,
        version: opening.version,
        from: window * ROW_WINDOW,
        isCriticalOnly,
      }),
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: 30_000,
    })),
    combine: (results) => ({
      loaded: results.map(({ data }) => data?.rows),
      error: results.find((result) => result.error !== null)?.error ?? null,
    }),
  })
  const [kept, setKept] = useState<Windows>(new Map())
  const fresh = wanted.flatMap((window, at) => {
    const rows = loaded[at]
    return rows === undefined || kept.get(window) === rows ? [] : ([[window, rows]] as const)
  })
  if (fresh.length > 0) {
    const near = [...kept].filter(([window]) => window >= from - 2 && window <= to + 2)
    setKept(new Map([...near, ...fresh]))
  }
  return {
    at: (index) => {
      const window = Math.floor(index / ROW_WINDOW)
      const rows = window === 0 && !isCriticalOnly ? opening.rows : (loaded[window - from] ?? kept.get(window))
      return rows?.[index - window * ROW_WINDOW]
    },
    error,
  }
}
