'use client'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { formatDuration } from '#ui/format/duration.ts'
import { formatCount, formatRate } from '#ui/format/number.ts'
import { TextLink } from '#ui/text-link.tsx'
import { Tile } from '#ui/tile.tsx'
import { consumerPath } from '#features/consumers/consumer-path.ts'

type Tiles = RouterOutputs['overview']['summary']['tiles']
type GroupFigure = Tiles['oldestUnprocessedMs']

const HOUR_MS = 3_600_000

function GroupNote({ figure }: { readonly figure: GroupFigure }) {
  if (figure.clusterId === null || figure.group === null) return figure.reason
  return (
    <>
      <TextLink href={consumerPath(figure.clusterId, figure.group)}>{figure.group}</TextLink>
      {figure.group !== figure.destination && ` on ${figure.destination}`}
      {figure.errorMs !== null && figure.errorMs > 0 && ` · ± ${formatDuration(figure.errorMs)}`}
    </>
  )
}

/** Flows are counted by the minute, but a slow shop is better told by the second's fraction than by 0. */
function flowRate(perMinute: number): { readonly value: string; readonly unit: string } {
  return perMinute >= 1
    ? { value: formatCount(perMinute), unit: '/min' }
    : { value: formatRate(perMinute / 60).replace('/s', ''), unit: '/s' }
}

/** Six figures that say how things are. */
export function OverviewTiles({ tiles }: { readonly tiles: Tiles }) {
  const { flowsPerMinute, endToEndP95Ms, oldestUnprocessedMs, deadLettersOpen, nextDataLossMs, operationsActive } =
    tiles
  const rate = flowsPerMinute.value === null ? null : flowRate(flowsPerMinute.value)
  return (
    <div className="grid grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-6">
      <Tile
        label="Flows"
        value={rate?.value ?? '—'}
        {...(rate === null ? {} : { unit: rate.unit })}
        note={flowsPerMinute.reason ?? 'over the last five minutes'}
      />
      <Tile
        label="End to end, p95"
        value={formatDuration(endToEndP95Ms.value)}
        note={endToEndP95Ms.reason ?? 'first send to last effect'}
      />
      <Tile
        label="Oldest unprocessed"
        value={formatDuration(oldestUnprocessedMs.value)}
        note={<GroupNote figure={oldestUnprocessedMs} />}
        {...(oldestUnprocessedMs.value !== null && oldestUnprocessedMs.value > 60_000 ? { tone: 'warn' } : {})}
      />
      <Tile
        label="Dead letters open"
        value={formatCount(deadLettersOpen.value)}
        note={`${deadLettersOpen.lastHour > 0 ? '+' : ''}${formatCount(deadLettersOpen.lastHour)} in the last hour`}
        {...(deadLettersOpen.value > 0 ? { tone: 'bad' } : {})}
      />
      <Tile
        label="Next data loss"
        value={formatDuration(nextDataLossMs.value)}
        note={<GroupNote figure={nextDataLossMs} />}
        {...(nextDataLossMs.value !== null && nextDataLossMs.value < 12 * HOUR_MS ? { tone: 'warn' } : {})}
      />
      <Tile
        label="Operations under way"
        value={formatCount(operationsActive.value)}
        note={
          operationsActive.value === 0 ? 'nothing is being redriven' : <TextLink href="/operations">Watch</TextLink>
        }
        {...(operationsActive.value > 0 ? { tone: 'active' } : {})}
      />
    </div>
  )
}
