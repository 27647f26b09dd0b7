'use client'
import { formatDuration } from '#ui/format/duration.ts'
import { formatCount, formatPlural, formatRate } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import { Tile } from '#ui/tile.tsx'
import type { ConsumerRow } from '#features/consumers/consumer-columns.tsx'
import { lagWords } from '#features/consumers/lag-words.ts'

interface ConsumerTilesProps {
  readonly destination: ConsumerRow
  /** Groups that read several destinations say which one the figures are about. */
  readonly isNamed: boolean
  readonly nowMs: number
}

function trend(rate: number | null): string {
  if (rate === null) return 'its trend is not known'
  if (rate === 0) return 'neither growing nor shrinking'
  return rate > 0 ? `shrinking by ${formatRate(rate)}` : `growing by ${formatRate(-rate)}`
}

function drains(row: ConsumerRow): { readonly value: string; readonly note: string } {
  if (row.lagMessages === 0) return { value: 'now', note: 'nothing is waiting' }
  if (row.drainsInMs !== null) return { value: formatDuration(row.drainsInMs), note: 'at the present rate' }
  if (row.drainPerSecond !== null && row.drainPerSecond <= 0)
    return { value: 'never', note: 'as much arrives as is taken, or more' }
  return { value: '—', note: 'the rate is not known yet' }
}

/** What one group's position on one destination means. */
export function ConsumerTiles({ destination, isNamed, nowMs }: ConsumerTilesProps) {
  const words = lagWords(destination.state)
  const drain = drains(destination)
  return (
    <section aria-label={`On ${destination.destination}`}>
      {isNamed && (
        <div className="mb-2 flex flex-wrap items-center gap-2.5">
          <h2 className="font-semibold">{destination.destination}</h2>
          <StateMark tone={words.tone}>{words.word}</StateMark>
          <span className="text-ink-2">{destination.sentence}</span>
        </div>
      )}
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-5">
        <Tile label="Lag" value={formatCount(destination.lagMessages)} note={trend(destination.drainPerSecond)} />
        <Tile
          label="Behind by"
          value={formatDuration(destination.timeBehindMs)}
          note={
            destination.timeBehindErrorMs === null || destination.timeBehindErrorMs === 0
              ? 'the age of the oldest unprocessed message'
              : `± ${formatDuration(destination.timeBehindErrorMs)}, from positions over time`
          }
          {...(destination.timeBehindMs !== null && destination.timeBehindMs > 60_000 ? { tone: 'warn' } : {})}
        />
        <Tile label="Drains in" value={drain.value} note={drain.note} />
        <Tile
          label="First loss in"
          value={formatDuration(destination.firstLossInMs)}
          note={
            destination.lostMessages > 0
              ? `${formatPlural(destination.lostMessages, 'message')} already lost`
              : destination.firstLossInMs === null
                ? 'nothing is about to be lost'
                : 'then retention takes what nobody read'
          }
          {...(destination.lostMessages > 0 ? { tone: 'bad' } : {})}
        />
        <Tile
          label={`${words.word} for`}
          value={formatDuration(Math.max(0, nowMs - destination.stateSinceMs))}
          note={
            <>
              read <MomentText atMs={destination.asOfMs} as="distance" />
            </>
          }
        />
      </div>
    </section>
  )
}
