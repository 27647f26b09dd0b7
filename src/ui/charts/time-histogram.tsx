'use client'
import { type KeyboardEvent, type PointerEvent, useId, useState } from 'react'
import { formatClock, formatMoment } from '#ui/format/moment.ts'
import { formatCount } from '#ui/format/number.ts'
import { binsOf, type HistogramBar, rangeOfBins } from '#ui/charts/histogram-bins.ts'

interface TimeHistogramProps {
  /** Says in words what is counted. */
  readonly label: string
  /** What one bar counts: `flow`. */
  readonly unit: string
  readonly bars: readonly HistogramBar[]
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
  /** How the counts are known, where they are not exact. */
  readonly note: string | null
  readonly onSelect: (range: { readonly fromMs: number; readonly toMs: number }) => void
}

const HEIGHT = 56
/** The bars are drawn in these units and stretched to the width there is. */
const BAR_WIDTH = 10

/** Where a selection began and where it is now, as places of bars. */
interface Span {
  readonly anchor: number
  readonly head: number
}

/**
 * Bars over time, in which a range is picked: by dragging, or with the arrow keys (Shift extends, Enter takes it, Escape
 * gives it up).
 */
export function TimeHistogram({ label, unit, bars, fromMs, toMs, stepMs, note, onSelect }: TimeHistogramProps) {
  const hintId = useId()
  const bins = binsOf(bars, { fromMs, toMs, stepMs })
  const [span, setSpan] = useState<Span | null>(null)
  const [isDragging, setIsDragging] = useState(false)
  const last = bins.length - 1
  const most = Math.max(1, ...bins.map((bin) => bin.count))
  const clamp = (place: number) => Math.min(last, Math.max(0, place))
  const placeAt = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    return clamp(Math.floor(((event.clientX - box.left) / box.width) * bins.length))
  }
  const take = (picked: Span) => {
    setSpan(null)
    onSelect(rangeOfBins(bins, picked.anchor, picked.head, stepMs))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const to = moveTo(event.key, span?.head ?? last, last)
    if (to !== null) setSpan({ anchor: event.shiftKey ? (span?.anchor ?? to) : to, head: to })
    else if (event.key === 'Enter' && span !== null) take(span)
    else if (event.key === 'Escape' && span !== null) setSpan(null)
    else return
    event.preventDefault()
  }
  const from = span === null ? -1 : Math.min(span.anchor, span.head)
  const to = span === null ? -1 : Math.max(span.anchor, span.head)
  const picked = bins.slice(Math.max(0, from), to + 1)
  const words = span === null ? `${label}. ${wordsOf(bins, unit, stepMs)}` : wordsOf(picked, unit, stepMs)
  return (
    <div className="select-none">
      <div
        data-dragging={isDragging || undefined}
        className="relative cursor-crosshair touch-pan-y rounded-xs has-focus-visible:outline-2 has-focus-visible:outline-offset-4 has-focus-visible:outline-accent"
        style={{ height: HEIGHT }}
        onPointerDown={(event) => {
          if (event.button !== 0 || bins.length === 0) return
          event.currentTarget.setPointerCapture(event.pointerId)
          setIsDragging(true)
          const place = placeAt(event)
          setSpan({ anchor: place, head: place })
        }}
        onPointerMove={(event) => {
          const head = placeAt(event)
          if (isDragging) setSpan((known) => known && { ...known, head })
        }}
        onPointerUp={() => {
          if (isDragging && span !== null) take(span)
          setIsDragging(false)
        }}
        onPointerCancel={() => {
          setIsDragging(false)
          setSpan(null)
        }}
      >
        <input
          type="range"
          aria-label={label}
          aria-describedby={hintId}
          aria-valuetext={words}
          min={0}
          max={Math.max(0, last)}
          value={Math.max(0, span?.head ?? last)}
          onChange={() => undefined}
          onKeyDown={onKeyDown}
          onBlur={() => setSpan(null)}
          className="pointer-events-none absolute inset-0 size-full opacity-0"
        />
        <span id={hintId} className="sr-only">
          Arrow keys move, Shift extends, Enter looks at the range, Escape gives it up.
        </span>
        <svg
          aria-hidden="true"
          viewBox={`0 0 ${Math.max(1, bins.length) * BAR_WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          className="absolute inset-0 size-full"
        >
          {span !== null && (
            <rect
              x={from * BAR_WIDTH}
              width={(to - from + 1) * BAR_WIDTH}
              height={HEIGHT}
              className="fill-accent opacity-20"
            />
          )}
          {bins.map((bin, place) => (
            <Bar key={bin.atMs} bin={bin} x={place * BAR_WIDTH} most={most} />
          ))}
          <line x1={0} x2={bins.length * BAR_WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} className="stroke-line" />
        </svg>
      </div>
      <div aria-hidden="true" className="mt-1 flex justify-between gap-3 text-sm text-ink-3">
        <span className="whitespace-nowrap">{formatMoment(fromMs, toMs)}</span>
        <span className="truncate text-ink-2">{span === null ? note : words}</span>
        <span className="whitespace-nowrap">{formatClock(toMs)}</span>
      </div>
    </div>
  )
}

function Bar({ bin, x, most }: { readonly bin: HistogramBar; readonly x: number; readonly most: number }) {
  if (bin.count === 0) return null
  // A bar that is there is seen, however many the others have.
  const height = Math.max(2, (bin.count / most) * (HEIGHT - 6))
  const bad = bin.badCount === 0 ? 0 : Math.max(2, (bin.badCount / most) * (HEIGHT - 6))
  const width = BAR_WIDTH * 0.8
  return (
    <>
      <rect x={x + 1} width={width} y={HEIGHT - height} height={height} className="fill-quiet-bar" />
      <rect x={x + 1} width={width} y={HEIGHT - bad} height={bad} className="fill-bad" />
    </>
  )
}

function moveTo(key: string, head: number, last: number): number | null {
  if (key === 'ArrowLeft') return Math.max(0, head - 1)
  if (key === 'ArrowRight') return Math.min(last, head + 1)
  if (key === 'Home') return 0
  if (key === 'End') return last
  return null
}

function wordsOf(bins: readonly HistogramBar[], unit: string, stepMs: number): string {
  const [first] = bins
  const last = bins.at(-1)
  if (first === undefined || last === undefined) return 'nothing'
  const count = bins.reduce((sum, bin) => sum + bin.count, 0)
  const bad = bins.reduce((sum, bin) => sum + bin.badCount, 0)
  const what = `${formatCount(count)} ${unit}${count === 1 ? '' : 's'}${bad === 0 ? '' : `, ${formatCount(bad)} with errors`}`
  return `${formatClock(first.atMs)} to ${formatClock(last.atMs + stepMs)}: ${what}`
}
