'use client'
import dynamic from 'next/dynamic'

export interface DenseLine {
  readonly id: string
  readonly label: string
  /** A custom property of the style sheet: `--accent`. */
  readonly color: string
  /** Named in the legend and drawn above the others, which are thin. */
  readonly isProminent: boolean
  /** One figure for each instant; null is a gap. */
  readonly figures: readonly (number | null)[]
}

export interface DenseChartProps {
  /** Says in words what the chart shows. */
  readonly label: string
  readonly atMs: readonly number[]
  readonly lines: readonly DenseLine[]
  readonly formatFigure: (figure: number) => string
  readonly formatAxis: (figure: number) => string
  readonly height: number
}

const Canvas = dynamic(async () => (await import('#ui/charts/dense-chart-canvas.tsx')).DenseChartCanvas, { ssr: false })

/** Many lines of many points over the same instants. */
export function DenseChart({ label, ...drawing }: DenseChartProps) {
  return (
    <figure aria-label={label}>
      <div style={{ height: drawing.height }} className="relative">
        <Canvas {...drawing} />
      </div>
      <figcaption className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-sm text-ink-3">
        {drawing.lines
          .filter((line) => line.isProminent)
          .map((line) => (
            <span key={line.id} className="inline-flex items-center gap-1.5">
              <span aria-hidden="true" className="h-0.5 w-3.5" style={{ background: `var(${line.color})` }} />
              {line.label}
            </span>
          ))}
      </figcaption>
    </figure>
  )
}
