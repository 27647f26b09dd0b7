'use client'
import { useEffect, useMemo, useRef, useState } from 'react'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { formatClock } from '#ui/format/moment.ts'
import type { DenseChartProps, DenseLine } from '#ui/charts/dense-chart.tsx'
import { niceCeiling } from '#ui/charts/nice-ceiling.ts'
import { TimeTooltip } from '#ui/charts/time-tooltip.tsx'

/** As many as can be read while pointing. */
const TOOLTIP_LINES = 6
/** A tooltip keeps to the side where there is room for it. */
const TOOLTIP_WIDTH_PX = 240

interface Pointed {
  readonly index: number
  readonly leftPx: number
}

/** The drawing itself; loaded only when such a chart is on the page. */
export function DenseChartCanvas({ atMs, lines, formatFigure, formatAxis, height }: Omit<DenseChartProps, 'label'>) {
  const frame = useRef<HTMLDivElement>(null)
  const [pointed, setPointed] = useState<Pointed | null>(null)
  const shape = lines.map((line) => `${line.id} ${line.color} ${line.isProminent}`).join('\n')
  const plot = useRef<UPlot | null>(null)
  // The prominent ones last, so that they are drawn above the others.
  const ordered = useMemo(() => lines.toSorted((a, b) => Number(a.isProminent) - Number(b.isProminent)), [lines])
  const figures = useMemo(
    (): UPlot.AlignedData => [atMs.map((at) => at / 1000), ...ordered.map((line) => [...line.figures])],
    [atMs, ordered],
  )

  // A plot is made anew when its lines are others; new figures of the same lines only flow into it.
  const latest = useRef({ ordered, figures, formatAxis })
  useEffect(() => {
    latest.current = { ordered, figures, formatAxis }
  }, [ordered, figures, formatAxis])

  useEffect(() => {
    const host = frame.current
    if (host === null || shape === '') return undefined
    const drawn = new UPlot(
      plotOptions(latest.current.ordered, {
        widthPx: host.clientWidth,
        height,
        formatAxis: (figure) => latest.current.formatAxis(figure),
        onPoint: setPointed,
      }),
      latest.current.figures,
      host,
    )
    plot.current = drawn
    const resized = new ResizeObserver(() => drawn.setSize({ width: host.clientWidth, height }))
    resized.observe(host)
    const scheme = window.matchMedia('(prefers-color-scheme: dark)')
    const repaint = () => drawn.redraw(false)
    scheme.addEventListener('change', repaint)
    return () => {
      scheme.removeEventListener('change', repaint)
      resized.disconnect()
      drawn.destroy()
      plot.current = null
    }
  }, [shape, height])

  useEffect(() => {
    plot.current?.setData(figures)
  }, [figures])

  return (
    <>
      <div ref={frame} className="h-full w-full" />
      {pointed !== null && atMs[pointed.index] !== undefined && (
        <div className="pointer-events-none absolute top-2 z-10" style={{ left: pointed.leftPx }}>
          <PointedFigures atMs={atMs} index={pointed.index} lines={lines} formatFigure={formatFigure} />
        </div>
      )}
    </>
  )
}

type PointedFiguresProps = Pick<DenseChartProps, 'atMs' | 'lines' | 'formatFigure'> & { readonly index: number }

/** The highest lines at one instant, and how many more there are. */
function PointedFigures({ atMs, index, lines, formatFigure }: PointedFiguresProps) {
  const highest = lines
    .toSorted((a, b) => (b.figures[index] ?? -1) - (a.figures[index] ?? -1))
    .slice(0, TOOLTIP_LINES)
    .map((line) => ({ id: line.id, label: line.label, color: `var(${line.color})`, shape: 'line' as const }))
  const left = lines.length - highest.length
  return (
    <TimeTooltip
      atMs={atMs[index] ?? 0}
      series={highest}
      figures={Object.fromEntries(lines.map((line) => [line.id, line.figures[index] ?? null]))}
      formatFigure={formatFigure}
      {...(left > 0 ? { footnote: `and ${left} below` } : {})}
    />
  )
}

interface PlotFrame {
  readonly widthPx: number
  readonly height: number
  readonly formatAxis: (figure: number) => string
  readonly onPoint: (pointed: Pointed | null) => void
}

function plotOptions(lines: readonly DenseLine[], frame: PlotFrame): UPlot.Options {
  const ink = () => token('--ink-3')
  const axis = { stroke: ink, font: '11px Inter Variable, sans-serif', ticks: { show: false } }
  return {
    width: frame.widthPx,
    height: frame.height,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { show: false }, y: false },
    scales: { y: { range: (_plot, _least, most) => [0, niceCeiling(most)] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 24,
        space: 64,
        values: (_plot, seconds) => seconds.map((second) => formatClock(second * 1000).slice(0, 5)),
      },
      {
        ...axis,
        grid: { stroke: () => token('--line-soft'), width: 1 },
        size: 56,
        values: (_plot, figures) => figures.map(frame.formatAxis),
      },
    ],
    series: [
      {},
      ...lines.map((line) => ({
        label: line.label,
        stroke: () => token(line.color),
        width: line.isProminent ? 1.75 : 1,
        alpha: line.isProminent ? 1 : 0.45,
        points: { show: false },
      })),
    ],
    hooks: {
      setCursor: [
        ({ cursor, bbox }) => {
          const { idx, left } = cursor
          if (idx === null || idx === undefined || left === undefined || left < 0) return frame.onPoint(null)
          const startPx = bbox.left / window.devicePixelRatio
          const isLate = left + startPx + TOOLTIP_WIDTH_PX + 12 > frame.widthPx
          const leftPx = startPx + left + (isLate ? -TOOLTIP_WIDTH_PX : 12)
          return frame.onPoint({ index: idx, leftPx: Math.max(0, leftPx) })
        },
      ],
    },
  }
}

/** A colour of the style sheet as the canvas needs it: resolved for the scheme in force. */
function token(name: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${name})`
  document.body.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
