'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { parseAsString, useQueryState } from 'nuqs'
import { useTRPC } from '#trpc/use-trpc.ts'
import { BreakableName } from '#ui/breakable-name.tsx'
import { FilterText } from '#ui/filter-text.tsx'
import { formatCount } from '#ui/format/number.ts'
import type { ListColumn } from '#ui/table/list-column.ts'
import { TextLink } from '#ui/text-link.tsx'
import { ExpectedTimeButton } from '#features/consumers/expected-time-button.tsx'
import { type ExpectedTime, ExpectedTimeText, inForceMs } from '#features/consumers/expected-time-text.tsx'
import { FetchedList } from '#features/failure/fetched-list.tsx'

const COLUMNS: readonly ListColumn<ExpectedTime>[] = [
  {
    id: 'destination',
    header: 'Messages of',
    cell: ({ destination, group }) => (
      <div className="wrap-anywhere-safe">
        <BreakableName name={destination} />
        <div className="text-sm text-ink-3">
          by <BreakableName name={group} />
        </div>
      </div>
    ),
  },
  { id: 'time', header: 'Expected within', cell: (time) => <ExpectedTimeText time={time} /> },
  {
    id: 'stuck',
    header: 'Stuck now',
    isNumeric: true,
    className: 'hidden w-28 @xl:table-cell',
    cell: ({ stuckCount, destination, group }) =>
      stuckCount === 0 ? (
        <span className="text-ink-3">none</span>
      ) : (
        <TextLink href={`/flows?${new URLSearchParams({ tab: 'stuck', to: destination, group }).toString()}`}>
          {formatCount(stuckCount)}
        </TextLink>
      ),
  },
  {
    id: 'change',
    header: 'Act',
    className: 'w-24 text-right',
    cell: (time) => (
      <ExpectedTimeButton destination={time.destination} group={time.group} inForceMs={inForceMs(time)} />
    ),
  },
]

const NO_TIME =
  'Groups are listed here once a broker tells of them, or once spans show who takes which messages. What is usual for each is learnt from the last six hours.'

/** How long each group may take with a message before it is listed as stuck; those that a person set come first. */
export function ExpectedTimes() {
  const trpc = useTRPC()
  const [search, setSearch] = useQueryState('q', parseAsString.withDefault(''))
  const list = useQuery({
    ...trpc.expectedTime.list.queryOptions({ search: search === '' ? null : search }),
    refetchInterval: 10_000,
    placeholderData: keepPreviousData,
  })
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <FilterText
          label="Filter by destination or group"
          placeholder="Destination or group…"
          value={search}
          onChange={(text) => void setSearch(text === '' ? null : text)}
          className="w-full sm:w-64"
        />
        {list.data?.isCut && <span className="text-ink-3">Only the first 500 are shown; filter to see others.</span>}
      </div>
      <FetchedList
        query={list}
        rowsOf={({ times }) => times}
        title="Expected times"
        note="those that a person set come first"
        label="Expected times"
        expected={6}
        empty={{ title: search === '' ? 'No group is known yet' : 'Nothing has that name', text: NO_TIME }}
        columns={COLUMNS}
        rowId={({ destination, group }) => `${destination}\u0000${group}`}
      />
    </>
  )
}
