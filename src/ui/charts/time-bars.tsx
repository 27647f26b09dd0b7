import { formatClock, formatMoment } from '#ui/format/moment.ts'
import { formatCount } from '#ui/format/number.ts'
import { binsOf, type HistogramBar } from '#ui/charts/histogram-bins.ts'

interface TimeBarsProps {
  /** Says in words what is counted. */
  readonly label: string
  /** What one bar counts: `death`. */
  readonly unit: string
  readonly bars: readonly HistogramBar[]
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
}

const HEIGHT = 72
/** The bars are drawn in these units and stretched to the width there is. */
const BAR_WIDTH = 10

/** Bars over time to look at; each says its step and count when it is pointed at. The darker part of a bar is `badCount`. */
export function TimeBars({ label, unit, bars, fromMs, toMs, stepMs }: TimeBarsProps) {
  const bins = binsOf(bars, { fromMs, toMs, stepMs })
  const most = Math.max(1, ...bins.map(({ count }) => count))
  const sum = bins.reduce((total, { count }) => total + count, 0)
  const heightOf = (count: number) => (count === 0 ? 0 : Math.max(2, (count / most) * HEIGHT))
  return (
    <figure className="m-0" aria-label={`${label}: ${formatCount(sum)}, at most ${formatCount(most)} in one bar`}>
      <div className="text-right text-sm text-ink-3">{formatCount(most)}</div>
      <svg
        viewBox={`0 0 ${bins.length * BAR_WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="block h-[72px] w-full border-b border-line"
        role="img"
        aria-hidden="true"
      >
        {bins.map(({ atMs, count, badCount }, place) => (
          <g key={atMs}>
            <title>{`${formatMoment(atMs, toMs)}: ${formatCount(count)} ${unit}${count === 1 ? '' : 's'}, ${formatCount(badCount)} still open`}</title>
            <rect x={place * BAR_WIDTH} y={0} width={BAR_WIDTH} height={HEIGHT} className="fill-transparent" />
            <rect
              x={place * BAR_WIDTH + 1}
              y={HEIGHT - heightOf(count)}
              width={BAR_WIDTH - 2}
              height={heightOf(count)}
              className="fill-ink-3"
            />
            <rect
              x={place * BAR_WIDTH + 1}
              y={HEIGHT - heightOf(badCount)}
              width={BAR_WIDTH - 2}
              height={heightOf(badCount)}
              className="fill-bad"
            />
          </g>
        ))}
      </svg>
      <figcaption className="flex justify-between text-sm text-ink-3">
        <span>{formatMoment(fromMs, toMs)}</span>
        <span>{formatClock(toMs)}</span>
      </figcaption>
    </figure>
  )
}
