'use client'
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceArea,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts'
import { formatClock } from '#ui/format/moment.ts'
import { niceCeiling, niceDurationCeiling } from '#ui/charts/nice-ceiling.ts'
import type { TimeChartProps } from '#ui/charts/time-chart.tsx'
import type { TimeMark, TimePoint } from '#ui/charts/time-series.ts'
import { TimeTooltip } from '#ui/charts/time-tooltip.tsx'

const TICK = { fill: 'var(--ink-3)', fontSize: 11 } as const

/** Below this width seconds tell two ticks apart. */
const SECONDS_BELOW_MS = 600_000

/** Labels of marks that are close together stand below each other. */
const markLabel = (mark: TimeMark, index: number) => ({
  value: mark.label,
  position: 'insideTopLeft' as const,
  fill: mark.color,
  fontSize: 11,
  dy: (index % 3) * 13,
})

/** A line for an instant, a band for a time. Not a component: the chart looks for its parts among its own children. */
const drawMark = (mark: TimeMark, index: number) =>
  mark.untilMs === undefined ? (
    <ReferenceLine
      key={`${mark.label} ${mark.atMs}`}
      x={mark.atMs}
      stroke={mark.color}
      strokeDasharray="3 3"
      label={markLabel(mark, index)}
    />
  ) : (
    <ReferenceArea
      key={`${mark.label} ${mark.atMs}`}
      x1={mark.atMs}
      x2={mark.untilMs}
      fill={mark.color}
      fillOpacity={0.12}
      label={markLabel(mark, index)}
    />
  )

/** Marks as far as they lie where something is drawn. */
function withinSpan(marks: readonly TimeMark[], points: readonly TimePoint[]): readonly TimeMark[] {
  const [firstMs, lastMs] = [points[0]?.atMs ?? 0, points.at(-1)?.atMs ?? 0]
  return marks.flatMap((mark) => {
    if (mark.atMs > lastMs || (mark.untilMs ?? mark.atMs) < firstMs) return []
    const atMs = Math.max(firstMs, mark.atMs)
    return [mark.untilMs === undefined ? { ...mark, atMs } : { ...mark, atMs, untilMs: Math.min(lastMs, mark.untilMs) }]
  })
}

/** The drawing itself; loaded only when a chart is on the page. */
export function TimeChartCanvas({
  points,
  series,
  limits = [],
  marks = [],
  formatFigure,
  formatAxis,
  height,
  label,
  unit,
}: TimeChartProps) {
  const top = (unit === 'ms' ? niceDurationCeiling : niceCeiling)(
    Math.max(
      0,
      ...points.flatMap((point) => Object.values(point.figures).map((figure) => figure ?? 0)),
      ...limits.map((limit) => limit.value * 1.1),
    ),
  )
  const spanMs = (points.at(-1)?.atMs ?? 0) - (points[0]?.atMs ?? 0)
  const rows = points.map((point) => ({ atMs: point.atMs, ...point.figures }))
  return (
    <ResponsiveContainer width="100%" height={height}>
      <ComposedChart data={rows} margin={{ top: 6, right: 4, bottom: 0, left: 0 }} title={label}>
        <CartesianGrid vertical={false} stroke="var(--line-soft)" />
        <XAxis
          dataKey="atMs"
          type="number"
          scale="time"
          domain={['dataMin', 'dataMax']}
          tickFormatter={(atMs: number) => formatClock(atMs).slice(0, spanMs < SECONDS_BELOW_MS ? 8 : 5)}
          tick={TICK}
          tickLine={false}
          axisLine={{ stroke: 'var(--line)' }}
          minTickGap={48}
        />
        <YAxis
          tickFormatter={formatAxis ?? formatFigure}
          tick={TICK}
          tickLine={false}
          axisLine={false}
          width={56}
          ticks={[0, 0.25, 0.5, 0.75, 1].map((share) => share * top)}
          domain={[0, top]}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: 'var(--ink-3)', strokeDasharray: '3 3' }}
          content={({ active, label: atMs }) =>
            active && typeof atMs === 'number' ? (
              <TimeTooltip
                atMs={atMs}
                series={series}
                figures={points.find((point) => point.atMs === atMs)?.figures ?? {}}
                formatFigure={formatFigure}
              />
            ) : null
          }
        />
        {series.map((one) =>
          one.shape === 'area' ? (
            <Area
              key={one.id}
              dataKey={one.id}
              type="linear"
              stroke={one.color}
              strokeWidth={1.5}
              fill={one.color}
              fillOpacity={0.18}
              isAnimationActive={false}
              connectNulls={false}
              dot={false}
              activeDot={{ r: 3 }}
            />
          ) : (
            <Line
              key={one.id}
              dataKey={one.id}
              type="linear"
              stroke={one.color}
              strokeWidth={1.75}
              {...(one.isDashed ? { strokeDasharray: '4 3' } : {})}
              isAnimationActive={false}
              connectNulls={false}
              dot={false}
              activeDot={{ r: 3 }}
            />
          ),
        )}
        {withinSpan(marks, points).map(drawMark)}
        {limits.map((limit) => (
          <ReferenceLine
            key={limit.label}
            y={limit.value}
            stroke={limit.color}
            strokeDasharray="5 4"
            label={{ value: limit.label, position: 'insideTopRight', fill: limit.color, fontSize: 11 }}
          />
        ))}
      </ComposedChart>
    </ResponsiveContainer>
  )
}
