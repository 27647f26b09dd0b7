'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { DenseChart, type DenseLine } from '#ui/charts/dense-chart.tsx'
import { formatCount, formatPlural, formatShortCount } from '#ui/format/number.ts'
import { Skeleton } from '#ui/skeleton.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { NoLagHistory } from '#features/consumers/no-lag-history.tsx'

type LaneHistory = RouterOutputs['consumer']['laneHistory']

/** The worst lanes by name; with more colours nobody could tell them apart. */
const PROMINENT_COLORS = ['--bad', '--warn', '--accent', '--replay'] as const

interface LaneLagChartProps {
  readonly clusterId: string
  readonly group: string
  readonly windowMs: number
}

/** Lag of each lane over time: a hot lane stands out from those that keep up. */
export function LaneLagChart(props: LaneLagChartProps) {
  const trpc = useTRPC()
  const history = useQuery({
    ...trpc.consumer.laneHistory.queryOptions(props),
    refetchInterval: 10_000,
    placeholderData: keepPreviousData,
  })
  return (
    <Fetched query={history} skeleton={<Skeleton className="h-[210px]" />}>
      {(found) => <LaneLines history={found} />}
    </Fetched>
  )
}

function LaneLines({ history }: { readonly history: LaneHistory }) {
  const isNamed = new Set(history.lines.map((line) => line.destination)).size > 1
  const lines = useMemo(
    () =>
      history.lines.map((line, index): DenseLine => ({
        id: `${line.destination} ${line.lane}`,
        label: isNamed || line.lane === '' ? `${line.destination} ${line.lane}`.trim() : `lane ${line.lane}`,
        color: PROMINENT_COLORS[index] ?? '--ink-3',
        isProminent: index < PROMINENT_COLORS.length,
        figures: line.lagMessages,
      })),
    [history, isNamed],
  )
  if (lines.length === 0) return <NoLagHistory />
  return (
    <>
      <DenseChart
        label={`Lag in messages of ${formatPlural(lines.length, 'lane')}`}
        atMs={history.atMs}
        lines={lines}
        formatFigure={(figure) => `${formatCount(figure)} messages`}
        formatAxis={formatShortCount}
        height={210}
      />
      {history.leftOutCount > 0 && (
        <p className="mt-1 text-sm text-ink-3">
          The {formatCount(lines.length)} lanes with the highest peaks; {formatCount(history.leftOutCount)} more are not
          drawn.
        </p>
      )}
    </>
  )
}
