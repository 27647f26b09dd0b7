'use client'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { formatDuration } from '#ui/format/duration.ts'
import { formatCount, formatRate } from '#ui/format/number.ts'
import { StateMark } from '#ui/state-mark.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { TextLink } from '#ui/text-link.tsx'
import { Sentence } from '#ui/sentence.tsx'
import { LAG_STATES } from '#domain/lag/lag-status.ts'
import { consumerPath } from '#features/consumers/consumer-path.ts'
import { drainWords } from '#features/consumers/forecast-words.ts'
import { lagWords } from '#features/consumers/lag-words.ts'
import { kindWords, standingWords } from '#features/consumers/pause-says.ts'
import { TimeBehind } from '#features/consumers/time-behind.tsx'

export type ConsumerRow = RouterOutputs['consumer']['list']['consumers'][number]

/** The verdict alone, as a group's own page has it. */
export type ConsumerVerdict = Omit<ConsumerRow, 'pause'>

export const consumerId = (row: ConsumerRow): string => JSON.stringify([row.clusterId, row.group, row.destination])

const HOUR_MS = 3_600_000

export const CONSUMER_COLUMNS: readonly ListColumn<ConsumerRow>[] = [
  {
    id: 'state',
    header: 'Status',
    className: 'w-32',
    sortBy: (row) => -LAG_STATES.indexOf(row.state),
    cell: (row) => (
      <div className="flex flex-col items-start gap-1">
        <StateMark tone={lagWords(row.state).tone}>{lagWords(row.state).word}</StateMark>
        {row.pause !== null && <PauseMarkText pause={row.pause} />}
      </div>
    ),
  },
  {
    id: 'group',
    header: 'Group',
    sortBy: (row) => row.group,
    cell: (row) => (
      <div className="min-w-40">
        <TextLink href={consumerPath(row.clusterId, row.group)}>
          <span className="font-semibold wrap-anywhere-safe">{row.group}</span>
        </TextLink>{' '}
        {row.group !== row.destination && <span className="text-ink-2">on {row.destination}</span>}
        <div className="text-sm text-ink-3 wrap-anywhere-safe">
          <Sentence text={row.sentence} />
        </div>
      </div>
    ),
  },
  {
    id: 'lag',
    header: 'Lag',
    isNumeric: true,
    className: 'w-24',
    sortBy: (row) => row.lagMessages ?? -1,
    cell: (row) => (
      <>
        {row.isApproximate && row.lagMessages !== null && row.lagMessages > 0 && '≤ '}
        {formatCount(row.lagMessages)}
        {row.lostMessages > 0 && <div className="text-sm text-bad">{formatCount(row.lostMessages)} lost</div>}
      </>
    ),
  },
  {
    id: 'behind',
    header: 'Behind by',
    isNumeric: true,
    className: 'hidden w-24 @lg:table-cell',
    sortBy: (row) => row.timeBehindMs ?? -1,
    cell: (row) => <TimeBehind behindMs={row.timeBehindMs} errorMs={row.timeBehindErrorMs} />,
  },
  {
    id: 'drains',
    header: 'Drains in',
    isNumeric: true,
    className: 'hidden w-28 @2xl:table-cell',
    sortBy: (row) => row.drainsInMs ?? Number.MAX_SAFE_INTEGER,
    cell: (row) => <DrainsIn row={row} />,
  },
  {
    id: 'loss',
    header: 'First loss in',
    isNumeric: true,
    className: 'hidden w-28 @4xl:table-cell',
    sortBy: (row) => row.firstLossInMs ?? Number.MAX_SAFE_INTEGER,
    cell: (row) => (
      <span className={row.firstLossInMs !== null && row.firstLossInMs < 12 * HOUR_MS ? 'text-warn' : 'text-ink-2'}>
        {formatDuration(row.firstLossInMs)}
      </span>
    ),
  },
  {
    id: 'members',
    header: 'Members',
    isNumeric: true,
    className: 'hidden w-20 @4xl:table-cell',
    sortBy: (row) => row.memberCount ?? -1,
    cell: (row) => (
      <span title={row.memberCount === null ? 'not known' : undefined}>{formatCount(row.memberCount)}</span>
    ),
  },
  {
    id: 'cluster',
    header: 'Cluster',
    className: 'hidden w-36 @5xl:table-cell',
    sortBy: (row) => row.clusterName,
    cell: (row) => (
      <>
        <div className="truncate">{row.clusterName}</div>
        <div className="text-sm text-ink-3">{row.environment}</div>
      </>
    ),
  },
]

function DrainsIn({ row }: { readonly row: ConsumerRow }) {
  if (row.state === 'OK' || row.lagMessages === 0) return <span className="text-ink-3">keeping up</span>
  const rate = row.drainPerSecond
  return (
    <>
      <div>{drainWords(row).value}</div>
      {rate !== null && (
        <div className="text-sm text-ink-3">
          {rate >= 0 ? `shrinking ${formatRate(rate)}` : `growing ${formatRate(-rate)}`}
        </div>
      )}
    </>
  )
}

/** A pause whose effect is what was asked shows in the status; what is not, and a slow-down, says so itself. */
function PauseMarkText({ pause }: { readonly pause: NonNullable<ConsumerRow['pause']> }) {
  const { word, tone } = standingWords(pause.standing)
  if (pause.standing === 'in-force' && pause.kind !== 'throttle') return null
  return (
    <StateMark tone={tone} isQuiet={!pause.isAlert} title={pause.sentence}>
      {pause.kind === 'throttle' && !pause.isAlert ? kindWords(pause.kind).word : `Pause ${word.toLowerCase()}`}
    </StateMark>
  )
}
