'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import type { LagState } from '#domain/lag/lag-status.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { FilterChips } from '#ui/filter-chips.tsx'
import { FilterText } from '#ui/filter-text.tsx'
import { formatPlural } from '#ui/format/number.ts'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { ListTable } from '#ui/table/list-table.tsx'
import { CONSUMER_COLUMNS, consumerId, type ConsumerRow } from '#features/consumers/consumer-columns.tsx'
import { consumerPath } from '#features/consumers/consumer-path.ts'
import { Fetched } from '#features/failure/fetched.tsx'

const SHOWN = ['all', 'trouble', 'paused', 'unknown'] as const
type Shown = (typeof SHOWN)[number]

const STATES: Readonly<Record<Shown, LagState[] | null>> = {
  all: null,
  trouble: ['DATA_LOSS', 'STOPPED', 'STALLED', 'REWOUND', 'LAGGING', 'REBALANCING', 'ORPHANED'],
  paused: ['PAUSED'],
  unknown: ['UNKNOWN', 'NO_COMMIT', 'WARMING'],
}

const CHIPS = [
  { id: 'all', label: 'All' },
  { id: 'trouble', label: 'In trouble' },
  { id: 'paused', label: 'Paused' },
  { id: 'unknown', label: 'Unknown' },
] as const

const isShown = (text: string): text is Shown => (SHOWN as readonly string[]).includes(text)

/** Every consumer group on every destination, the most severe first. */
export function ConsumerList() {
  const trpc = useTRPC()
  const router = useRouter()
  const [{ show, q }, setFilter] = useQueryStates({
    show: parseAsStringLiteral(SHOWN).withDefault('all'),
    q: parseAsString.withDefault(''),
  })
  const list = useQuery({
    ...trpc.consumer.list.queryOptions({ states: STATES[show], search: q === '' ? null : q }),
    refetchInterval: 3000,
    placeholderData: keepPreviousData,
  })
  const open = (row: ConsumerRow) => router.push(consumerPath(row.clusterId, row.group))
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <FilterText
          label="Filter by group or destination"
          placeholder="Group or destination…"
          value={q}
          onChange={(text) => void setFilter({ q: text === '' ? null : text })}
          className="w-full sm:w-64"
        />
        <FilterChips
          label="Status"
          chips={CHIPS}
          value={show}
          onChange={(id) => isShown(id) && void setFilter({ show: id === 'all' ? null : id })}
        />
        {list.data?.isCut && <span className="text-ink-3">Only the first 2,000 are shown; filter to see others.</span>}
      </div>
      <Card isFlush>
        <Fetched query={list} skeleton={<SkeletonRows count={6} label="consumers" />}>
          {({ consumers }) =>
            consumers.length === 0 ? (
              <NoConsumers isFiltered={show !== 'all' || q !== ''} />
            ) : (
              <ListTable
                label={formatPlural(consumers.length, 'consumer')}
                columns={CONSUMER_COLUMNS}
                rows={consumers}
                rowId={consumerId}
                onOpen={open}
                hasPageKeys
              />
            )
          }
        </Fetched>
      </Card>
    </>
  )
}

function NoConsumers({ isFiltered }: { readonly isFiltered: boolean }) {
  return isFiltered ? (
    <EmptyState title="No consumer is like that">Widen the filter to see the others.</EmptyState>
  ) : (
    <EmptyState title="No consumer group is known yet">
      Groups appear here as soon as they have committed a position on a connected broker and the collector has polled
      it.
    </EmptyState>
  )
}
