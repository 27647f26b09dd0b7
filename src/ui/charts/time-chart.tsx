'use client'
import dynamic from 'next/dynamic'
import type { TimeLimit, TimeMark, TimePoint, TimeSeries } from '#ui/charts/time-series.ts'

export interface TimeChartProps {
  /** Says in words what the chart shows. */
  readonly label: string
  readonly points: readonly TimePoint[]
  readonly series: readonly TimeSeries[]
  readonly limits?: readonly TimeLimit[]
  /** What happened meanwhile. */
  readonly marks?: readonly TimeMark[]
  readonly formatFigure: (figure: number) => string
  /** Shorter words for the axis. Default: `formatFigure`. */
  readonly formatAxis?: (figure: number) => string
  readonly height: number
  /** Milliseconds are parted into minutes and hours, everything else by tens. */
  readonly unit: 'ms' | 'count'
}

const Canvas = dynamic(async () => (await import('#ui/charts/time-chart-canvas.tsx')).TimeChartCanvas, { ssr: false })

/** Figures over time, with a legend. Gaps in the data are gaps in the line. */
export function TimeChart(props: TimeChartProps) {
  return (
    <figure aria-label={props.label}>
      <div style={{ height: props.height }}>
        <Canvas {...props} />
      </div>
      <figcaption className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-sm text-ink-3">
        {props.series.map((one) => (
          <span key={one.id} className="inline-flex items-center gap-1.5">
            <svg width={14} height={8} aria-hidden="true">
              {one.shape === 'area' ? (
                <rect width={14} height={8} rx={1.5} fill={one.color} opacity={0.55} />
              ) : (
                <line
                  x1={0}
                  x2={14}
                  y1={4}
                  y2={4}
                  stroke={one.color}
                  strokeWidth={2}
                  strokeDasharray={one.isDashed ? '4 3' : undefined}
                />
              )}
            </svg>
            {one.label}
          </span>
        ))}
      </figcaption>
    </figure>
  )
}
