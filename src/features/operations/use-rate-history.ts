'use client'
import { useState } from 'react'
import type { TimePoint } from '#ui/charts/time-series.ts'
import type { OperationDetail } from '#features/operations/operation-counts.ts'

/** Enough for ten minutes at one answer each second. */
const MOST_POINTS = 600

/** The rate as this page has seen it since it was opened; nothing is invented for the time before. */
export function useRateHistory(operation: OperationDetail | undefined): readonly TimePoint[] {
  const [points, setPoints] = useState<readonly TimePoint[]>([])
  if (operation !== undefined && points.at(-1)?.atMs !== operation.nowMs) {
    const point = { atMs: operation.nowMs, figures: { rate: operation.progress.ratePerSecond ?? 0 } }
    setPoints([...points.slice(1 - MOST_POINTS), point])
  }
  return points
}
