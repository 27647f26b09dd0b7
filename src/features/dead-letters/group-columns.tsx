'use client'
import { BreakableName } from '#ui/breakable-name.tsx'
import { SparkBars } from '#ui/charts/sparkline.tsx'
import { formatCount } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { lastDayByHour } from '#features/dead-letters/arrival-bars.ts'
import { ExpiryClock } from '#features/dead-letters/expiry-clock.tsx'
import { readinessOf, type FailureGroup } from '#features/dead-letters/redrive-readiness.ts'

/** The columns of the failure groups as they were at `nowMs`. */
export function groupColumns(nowMs: number): readonly ListColumn<FailureGroup>[] {
  return [
    {
      id: 'failure',
      header: 'Failure',
      cell: (group) => (
        <div className="min-w-40">
          <div className="font-mono text-sm font-semibold">
            <BreakableName name={group.title} />
          </div>
          <div className="text-sm text-ink-3">
            {group.consumerGroups.length > 0 ? (
              <BreakableName name={group.consumerGroups.join(', ')} />
            ) : (
              'consumer not known'
            )}
          </div>
        </div>
      ),
    },
    {
      id: 'place',
      header: 'Where',
      className: 'hidden min-w-36 @2xl:table-cell',
      cell: (group) => <Places group={group} />,
    },
    {
      id: 'count',
      header: 'Messages',
      isNumeric: true,
      className: 'w-24',
      sortBy: (group) => group.count,
      cell: (group) => <span className="font-semibold">{formatCount(group.count)}</span>,
    },
    {
      id: 'arrivals',
      header: 'Arrivals, 24 h',
      className: 'hidden w-40 @4xl:table-cell',
      cell: (group) => {
        const bars = lastDayByHour(group.arrivals, nowMs)
        const sum = bars.reduce((total, count) => total + count, 0)
        return <SparkBars values={bars} label={`${formatCount(sum)} in the last 24 hours, by the hour`} />
      },
    },
    {
      id: 'last',
      header: 'Last died',
      className: 'hidden w-32 @lg:table-cell',
      sortBy: (group) => group.lastAtMs,
      cell: (group) => (
        <span className="text-ink-2">
          <MomentText atMs={group.lastAtMs} as="distance" />
        </span>
      ),
    },
    {
      id: 'expires',
      header: 'Expires',
      className: 'hidden w-28 @2xl:table-cell',
      sortBy: (group) => group.soonestExpiryAtMs ?? Number.MAX_SAFE_INTEGER,
      cell: (group) => <ExpiryClock atMs={group.soonestExpiryAtMs} />,
    },
    {
      id: 'ready',
      header: 'Safe to redrive?',
      className: 'hidden w-36 @5xl:table-cell',
      cell: (group) => {
        const { tone, word, reason } = readinessOf(group, nowMs)
        return (
          <StateMark tone={tone} title={reason}>
            {word}
          </StateMark>
        )
      },
    },
  ]
}

function Places({ group }: { readonly group: FailureGroup }) {
  const [first, ...others] = group.places
  if (first === undefined) return null
  return (
    <>
      <div>
        <BreakableName name={first.destination} />
      </div>
      <div className="text-sm text-ink-3">
        {first.clusterId}
        {others.length > 0 && ` and ${others.length} more`}
      </div>
    </>
  )
}
