'use client'
import { forecastPause } from '#domain/lag/forecast-pause.ts'
import { formatDuration, formatDurationUs } from '#ui/format/duration.ts'
import { formatCount, formatRate } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import { Tile } from '#ui/tile.tsx'
import { Sentence } from '#ui/sentence.tsx'
import type { ConsumerVerdict } from '#features/consumers/consumer-columns.tsx'
import type { ConsumerDetail, MeasuredDwell } from '#features/consumers/consumer-page.tsx'
import { ageWords, drainWords, lossWords, pauseWords } from '#features/consumers/forecast-words.ts'
import { lagWords } from '#features/consumers/lag-words.ts'
import { MeasureNow } from '#features/consumers/measure-now.tsx'

interface ConsumerTilesProps {
  readonly destination: ConsumerVerdict
  /** The lanes of this destination. */
  readonly lanes: ConsumerDetail['lanes']
  /** What spans say of the messages that were taken; null where there are none. */
  readonly measured: MeasuredDwell | null
  /** Groups that read several destinations say which one the figures are about. */
  readonly isNamed: boolean
  readonly nowMs: number
}

const HALF_AN_HOUR_MS = 1_800_000
const WARN_FROM_MS = 60_000

function trend(rate: number | null): string {
  if (rate === null) return 'its trend is not known'
  if (Math.abs(rate) < 0.05) return 'neither growing nor shrinking'
  return rate > 0 ? `shrinking by ${formatRate(rate)}` : `growing by ${formatRate(-rate)}`
}

/** What one group's position on one destination means. */
export function ConsumerTiles({ destination, lanes, measured, isNamed, nowMs }: ConsumerTilesProps) {
  const words = lagWords(destination.state)
  const drain = drainWords(destination)
  const pause = forecastPause(lanes, HALF_AN_HOUR_MS)
  const isLate = destination.timeBehindMs !== null && destination.timeBehindMs > WARN_FROM_MS
  return (
    <section aria-label={`On ${destination.destination}`}>
      {isNamed && (
        <div className="mb-2 flex flex-wrap items-center gap-2.5">
          <h2 className="font-semibold">{destination.destination}</h2>
          <StateMark tone={words.tone}>{words.word}</StateMark>
          <span className="text-ink-2">
            <Sentence text={destination.sentence} />
          </span>
        </div>
      )}
      <div className="grid grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-6">
        <Tile
          label={destination.isApproximate ? 'Lag, at most' : 'Lag'}
          value={formatCount(destination.lagMessages)}
          note={trend(destination.drainPerSecond)}
        />
        <Tile
          label="Behind by"
          value={formatDuration(destination.timeBehindMs)}
          note={ageWords(destination)}
          {...(isLate ? { tone: 'warn' as const } : {})}
        />
        <Tile label="Drains in" value={drain.value} note={drain.note} />
        <Tile
          label="First loss in"
          value={formatDuration(destination.firstLossInMs)}
          note={lossWords(destination)}
          {...(destination.lostMessages > 0 ? { tone: 'bad' as const } : {})}
        />
        <Tile
          label="Can be paused for"
          value={formatDuration(destination.lossIfStoppedInMs)}
          note={pauseWords(pause)}
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
      <div className="flex flex-wrap items-center gap-x-4">
        {destination.timeBehindMethod !== 'broker' && (destination.lagMessages ?? 0) > 0 && (
          <MeasureNow
            clusterId={destination.clusterId}
            group={destination.group}
            destination={destination.destination}
          />
        )}
        {measured !== null && (
          <p className="mt-2 text-sm text-ink-3">
            By spans, {formatCount(Math.round(measured.receivedCount))} messages taken in the last five minutes had
            waited {formatDurationUs(measured.p50Us)}, one in twenty longer than {formatDurationUs(measured.p95Us)}.
          </p>
        )}
      </div>
    </section>
  )
}
