'use client'
import { useMemo } from 'react'
import { TimeChart } from '#ui/charts/time-chart.tsx'
import { fillGaps, type TimeMark, type TimePoint, type TimeSeries } from '#ui/charts/time-series.ts'
import { formatCount, formatShortCount } from '#ui/format/number.ts'
import type { ConsumerDetail } from '#features/consumers/consumer-page.tsx'
import { NoLagHistory } from '#features/consumers/no-lag-history.tsx'

const COLORS = ['var(--accent)', 'var(--replay)', 'var(--pause)', 'var(--warn)', 'var(--ok)'] as const

/** Samples are written on change or once a minute; longer silence is a gap in polling. */
const SILENCE_MS = 90_000

interface LagChartProps {
  readonly series: ConsumerDetail['series']
  readonly stepMs: number
  readonly marks: readonly TimeMark[]
}

/** Lag per destination, drawn as it was read. */
export function LagChart({ series, stepMs, marks }: LagChartProps) {
  const destinations = useMemo(() => [...new Set(series.map((point) => point.destination))], [series])
  const points = useMemo(() => {
    const byTime = new Map<number, Record<string, number | null>>()
    for (const point of series) {
      byTime.set(point.atMs, { ...byTime.get(point.atMs), [point.destination]: point.lagMessages })
    }
    const ordered: TimePoint[] = [...byTime].toSorted(([a], [b]) => a - b).map(([atMs, figures]) => ({ atMs, figures }))
    return fillGaps(ordered, Math.max(stepMs, SILENCE_MS))
  }, [series, stepMs])
  const drawn = useMemo(
    () =>
      destinations.map((destination, index): TimeSeries => ({
        id: destination,
        label: destination,
        color: COLORS[index % COLORS.length] ?? 'var(--accent)',
        shape: destinations.length === 1 ? 'area' : 'line',
      })),
    [destinations],
  )
  if (series.length === 0) return <NoLagHistory />
  return (
    <TimeChart
      label={`Lag in messages on ${destinations.join(', ')}`}
      points={points}
      series={drawn}
      marks={marks}
      formatFigure={(figure) => `${formatCount(figure)} messages`}
      formatAxis={formatShortCount}
      height={210}
      unit="count"
    />
  )
}
