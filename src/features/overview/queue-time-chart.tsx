'use client'
import { useMemo } from 'react'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { TimeChart } from '#ui/charts/time-chart.tsx'
import { fillGaps, type TimeSeries } from '#ui/charts/time-series.ts'
import { EmptyState } from '#ui/empty-state.tsx'
import { formatDuration } from '#ui/format/duration.ts'

type Summary = RouterOutputs['overview']['summary']

const SERIES: readonly TimeSeries[] = [
  { id: 'dwell', label: 'in queue, p95', color: 'var(--hatch-line)', shape: 'area' },
  { id: 'processing', label: 'processing, p95', color: 'var(--accent)', shape: 'line' },
]

interface QueueTimeChartProps {
  readonly points: Summary['series']
  readonly reason: string | null
}

/** How long messages wait against how long they are worked on, over the last hour. */
export function QueueTimeChart({ points, reason }: QueueTimeChartProps) {
  const drawn = useMemo(
    () =>
      fillGaps(
        points.map((point) => ({
          atMs: point.atMs,
          figures: { dwell: point.dwellP95Ms, processing: point.processingP95Ms },
        })),
        60_000,
      ),
    [points],
  )
  if (points.length === 0) {
    return (
      <EmptyState title="Nothing measured in the last hour">
        {reason ?? 'Send spans to the OTLP endpoint of the collector; waiting and processing are read off them.'}
      </EmptyState>
    )
  }
  return (
    <TimeChart
      label="Time in queue against processing over the last hour, 95th percentile per minute"
      points={drawn}
      series={SERIES}
      formatFigure={formatDuration}
      height={150}
      unit="ms"
    />
  )
}
