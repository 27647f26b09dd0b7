'use client'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { parseAsString, useQueryStates } from 'nuqs'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { FilterTexts, type TextFilter } from '#ui/filter-texts.tsx'
import { LoadMore } from '#ui/load-more.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { ListTable } from '#ui/table/list-table.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { flowPath } from '#features/flows/flow-path.ts'
import { STUCK_COLUMNS } from '#features/flows/stuck-columns.tsx'

const FILTER = { to: parseAsString.withDefault(''), group: parseAsString.withDefault('') }

const WIDTH = 'w-[calc(50%-4px)] sm:w-44'
const TEXTS: readonly TextFilter<keyof typeof FILTER>[] = [
  { name: 'to', label: 'Destination, in full', placeholder: 'Destination', className: WIDTH },
  { name: 'group', label: 'Group, in full', placeholder: 'Group', className: WIDTH },
]

const orNull = (text: string): string | null => (text === '' ? null : text)

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
  const rows = stuck.data?.pages.flatMap((page) => page.deliveries) ?? []
  const isFiltered = filter.to !== '' || filter.group !== ''
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <FilterTexts filters={TEXTS} values={filter} onChange={(name, text) => void setFilter({ [name]: text })} />
      </div>
      <Card isFlush>
        <Fetched query={stuck} skeleton={<SkeletonRows count={8} label="stuck messages" />}>
          {() =>
            rows.length === 0 ? (
              <EmptyState title={isFiltered ? 'Nothing is stuck there' : 'Nothing is stuck'}>
                A message is listed here when a group that should take it has not done so in its expected time: learnt
                from the past, at least 30 seconds and at most an hour, or set by a person.
              </EmptyState>
            ) : (
              <ListTable
                label="Stuck messages"
                columns={STUCK_COLUMNS}
                rows={rows}
                rowId={(row) => String(row.id)}
                onOpen={(row) => router.push(`${flowPath(row.flowKey)}?tab=missing`)}
                hasPageKeys
              />
            )
          }
        </Fetched>
      </Card>
      <LoadMore
        shown={rows.length}
        hasMore={stuck.hasNextPage}
        isBusy={stuck.isFetchingNextPage}
        onMore={() => void stuck.fetchNextPage()}
      />
    </>
  )
}
