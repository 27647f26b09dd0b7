'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { FilterChips } from '#ui/filter-chips.tsx'
import { formatPlural } from '#ui/format/number.ts'
import { formatMoment } from '#ui/format/moment.ts'
import { useNow } from '#ui/use-now.ts'
import { SLIDER_REACHES } from '#features/topology/use-topology-view.ts'

interface TimeSliderProps {
  /** End of the window in ms; null = now. */
  readonly atMs: number | null
  readonly windowMs: number
  /** null = the shortest that has the moment in it. */
  readonly reach: Reach | null
  readonly onChange: (atMs: number | null) => void
  readonly onReach: (reach: Reach) => void
}

type Reach = (typeof SLIDER_REACHES)[number]

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const REACHES: Readonly<Record<Reach, { readonly label: string; readonly days: number; readonly stepMs: number }>> = {
  '24h': { label: '24 h', days: 1, stepMs: 5 * MINUTE_MS },
  '7d': { label: '7 days', days: 7, stepMs: 30 * MINUTE_MS },
  '30d': { label: '30 days', days: 30, stepMs: 120 * MINUTE_MS },
  '90d': { label: '90 days', days: 90, stepMs: 360 * MINUTE_MS },
  '1y': { label: '1 year', days: 365, stepMs: DAY_MS },
}
const CHIPS = SLIDER_REACHES.map((id) => ({ id, label: REACHES[id].label }))
/** How long the slider rests before the map follows. */
const SETTLE_MS = 200
const WIDTH = 1000
const HEIGHT = 28

/** The traffic of the last day, or of a longer time, as bars with the window that the map shows; the slider moves it. */
export function TimeSlider({ atMs, windowMs, reach: chosen, onChange, onReach }: TimeSliderProps) {
  const trpc = useTRPC()
  const nowMs = useNow()
  const reach = chosen ?? shortestReach(atMs === null ? 0 : nowMs - atMs)
  const { label, days, stepMs } = REACHES[reach]
  const reachMs = days * DAY_MS
  const traffic = useQuery({
    ...trpc.topology.traffic.queryOptions({ reachMs }),
    refetchInterval: days > 1 ? 600_000 : MINUTE_MS,
    placeholderData: keepPreviousData,
  })
  const [held, setHeld] = useState<number | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const backMs = held ?? (atMs === null ? 0 : Math.min(reachMs, Math.max(0, nowMs - atMs)))
  const move = (nextBackMs: number) => {
    clearTimeout(timer.current)
    setHeld(nextBackMs)
    timer.current = setTimeout(() => {
      setHeld(null)
      onChange(nextBackMs === 0 ? null : Date.now() - nextBackMs)
    }, SETTLE_MS)
  }
  const shownMs = nowMs - backMs
  const words = backMs === 0 ? 'now' : formatMoment(shownMs, nowMs)
  const xOf = (ms: number) => ((ms - (nowMs - reachMs)) / reachMs) * WIDTH
  return (
    <section aria-label="Time" className="mt-3 rounded-lg border border-line bg-panel px-3.5 pt-2 pb-1.5">
      <svg
        aria-hidden="true"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="block h-7 w-full overflow-hidden"
      >
        <Bars steps={traffic.data?.steps ?? []} stepMs={traffic.data?.stepMs ?? 1} xOf={xOf} />
        <rect
          x={Math.min(WIDTH - 4, xOf(shownMs - windowMs))}
          width={Math.max(4, xOf(shownMs) - xOf(shownMs - windowMs))}
          height={HEIGHT}
          className="fill-accent/20 stroke-accent"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
      <input
        type="range"
        aria-label="Moment that is shown"
        aria-valuetext={words}
        min={-reachMs / stepMs}
        max={0}
        step={1}
        value={-Math.round(backMs / stepMs)}
        onChange={(event) => move(-Number(event.currentTarget.value) * stepMs)}
        className="block h-5 w-full accent-(--accent)"
      />
      <div className="flex min-h-6 flex-wrap items-center gap-x-3 text-sm text-ink-3">
        <span>{label} ago</span>
        <span className="mx-auto text-ink-2" suppressHydrationWarning>
          {backMs === 0
            ? 'Live: moves along with the time'
            : `The ${formatPlural(windowMs / 60_000, 'minute')} until ${words}`}
        </span>
        {backMs === 0 ? (
          <span>now</span>
        ) : (
          <Button size="small" onClick={() => onChange(null)}>
            Back to now
          </Button>
        )}
      </div>
      <div className="flex justify-center">
        <FilterChips
          label="How far back"
          chips={CHIPS}
          value={reach}
          onChange={(id) => onReach(SLIDER_REACHES.find((one) => one === id) ?? '24h')}
        />
      </div>
    </section>
  )
}

const shortestReach = (backMs: number): Reach =>
  SLIDER_REACHES.find((reach) => backMs <= REACHES[reach].days * DAY_MS) ?? '1y'

interface BarsProps {
  readonly steps: readonly {
    readonly atMs: number
    readonly sentCount: number
    readonly receivedCount: number
    readonly errorCount: number
  }[]
  readonly stepMs: number
  readonly xOf: (ms: number) => number
}

/** A step of which more than this share failed is red. */
const BAD_SHARE = 0.05

function Bars({ steps, stepMs, xOf }: BarsProps) {
  const most = Math.max(1, ...steps.map((step) => step.sentCount + step.receivedCount))
  return steps.map((step) => {
    const count = step.sentCount + step.receivedCount
    const tall = Math.max(1.5, (count / most) * HEIGHT)
    return (
      <rect
        key={step.atMs}
        x={xOf(step.atMs)}
        y={HEIGHT - tall}
        width={Math.max(1, xOf(stepMs) - xOf(0) - 1.5)}
        height={tall}
        className={count > 0 && step.errorCount / count > BAD_SHARE ? 'fill-bad' : 'fill-quiet-bar'}
      />
    )
  })
}
