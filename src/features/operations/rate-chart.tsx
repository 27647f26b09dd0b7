'use client'
import { TimeChart } from '#ui/charts/time-chart.tsx'
import type { TimePoint, TimeSeries } from '#ui/charts/time-series.ts'
import { EmptyState } from '#ui/empty-state.tsx'
import { formatRate } from '#ui/format/number.ts'

const SERIES: readonly TimeSeries[] = [
  { id: 'rate', label: 'messages confirmed per second', color: 'var(--replay)', shape: 'area' },
]

interface RateChartProps {
  readonly points: readonly TimePoint[]
  readonly capPerSecond: number
  /** What it yields to live traffic down to; null = it goes at the cap. */
  readonly yieldedPerSecond: number | null
  readonly isOver: boolean
}

/** The rate against its cap since the page was opened. */
export function RateChart({ points, capPerSecond, yieldedPerSecond, isOver }: RateChartProps) {
  if (isOver && points.every((point) => !point.figures.rate)) {
    return (
      <EmptyState title="Nothing moves any more">
        The rate is drawn while this page is open beside a running operation. What became of each message is below.
      </EmptyState>
    )
  }
  return (
    <TimeChart
      label="Messages confirmed per second against the cap"
      points={points}
      series={SERIES}
      limits={[
        { label: `cap ${formatRate(capPerSecond)}`, value: capPerSecond, color: 'var(--replay)' },
        ...(yieldedPerSecond === null
          ? []
          : [{ label: `yields to ${formatRate(yieldedPerSecond)}`, value: yieldedPerSecond, color: 'var(--warn)' }]),
      ]}
      formatFigure={formatRate}
      height={170}
      unit="count"
    />
  )
}
