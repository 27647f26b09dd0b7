'use client'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { parseAsString, useQueryStates } from 'nuqs'
import { useMemo } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { FilterTexts, type TextFilter } from '#ui/filter-texts.tsx'
import { LoadMore } from '#ui/load-more.tsx'
import { FetchedList } from '#features/failure/fetched-list.tsx'
import { flowPath } from '#features/flows/flow-path.ts'
import { STUCK_COLUMNS } from '#features/flows/stuck-columns.tsx'

const FILTER = { to: parseAsString.withDefault(''), group: parseAsString.withDefault('') }

const WIDTH = 'w-[calc(50%-4px)] sm:w-44'
const TEXTS: readonly TextFilter<keyof typeof FILTER>[] = [
  { name: 'to', label: 'Destination, in full', placeholder: 'Destination', className: WIDTH },
  { name: 'group', label: 'Group, in full', placeholder: 'Group', className: WIDTH },
]

const orNull = (text: string): string | null => (text === '' ? null : text)

const NOTHING_STUCK =
  'A message is listed here when a group that should take it has not done so in its expected time: learnt from the past, at least 30 seconds and at most an hour, or set by a person.'

/** Messages that a group did not take within its expected time, the oldest first. */
export function StuckList() {
  const trpc = useTRPC()
  const router = useRouter()
  const [filter, setFilter] = useQueryStates(FILTER)
  const stuck = useInfiniteQuery({
    ...trpc.flow.stuck.infiniteQueryOptions(
      { destination: orNull(filter.to), group: orNull(filter.group), limit: 50 },
      { getNextPageParam: (page) => page.nextCursor },
    ),
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 1 ? false : 5000),
    placeholderData: keepPreviousData,
    gcTime: 30_000,
  })
  const rows = useMemo(() => stuck.data?.pages.flatMap((page) => page.deliveries) ?? [], [stuck.data])
  const isFiltered = filter.to !== '' || filter.group !== ''
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <FilterTexts filters={TEXTS} values={filter} onChange={(name, text) => void setFilter({ [name]: text })} />
      </div>
      <FetchedList
        query={stuck}
        rowsOf={() => rows}
        label="Stuck messages"
        expected={8}
        empty={{ title: isFiltered ? 'Nothing is stuck there' : 'Nothing is stuck', text: NOTHING_STUCK }}
        columns={STUCK_COLUMNS}
        rowId={(row) => String(row.id)}
        onOpen={(row) => router.push(`${flowPath(row.flowKey)}?tab=missing`)}
        hasPageKeys
      />
      <LoadMore shown={rows.length} pages={stuck} />
    </>
  )
}
