import { formatClock } from '#ui/format/moment.ts'
import type { TimeSeries } from '#ui/charts/time-series.ts'

interface TimeTooltipProps {
  readonly atMs: number
  readonly series: readonly TimeSeries[]
  readonly figures: Readonly<Record<string, number | null>>
  readonly formatFigure: (figure: number) => string
  /** What is not listed. */
  readonly footnote?: string
}

/** All series at one instant. */
export function TimeTooltip({ atMs, series, figures, formatFigure, footnote }: TimeTooltipProps) {
  return (
    <div className="rounded-md border border-line bg-panel px-2.5 py-1.5 text-sm">
      <div className="mb-0.5 text-ink-3">{formatClock(atMs)}</div>
      {series.map((one) => {
        const figure = figures[one.id] ?? null
        return (
          <div key={one.id} className="flex items-center gap-2">
            <span aria-hidden="true" className="h-0.5 w-2.5" style={{ background: one.color }} />
            <span className="text-ink-2">{one.label}</span>
            <span className="ml-auto pl-3">{figure === null ? 'not known' : formatFigure(figure)}</span>
          </div>
        )
      })}
      {footnote !== undefined && <div className="mt-0.5 text-ink-3">{footnote}</div>}
    </div>
  )
}
