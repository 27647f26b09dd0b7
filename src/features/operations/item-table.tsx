'use client'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useMemo } from 'react'
import { ITEM_OUTCOMES, ITEM_STATES, type ItemOutcome, type ItemState } from '#domain/operation/operation-state.ts'
import type { OperationKind } from '#domain/operation/operation-kind.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { buttonClass } from '#ui/button-class.ts'
import { Card } from '#ui/card.tsx'
import { classNames } from '#ui/class-names.ts'
import { EmptyState } from '#ui/empty-state.tsx'
import { FilterChips } from '#ui/filter-chips.tsx'
import { LoadMore } from '#ui/load-more.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { ListTable } from '#ui/table/list-table.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { itemColumns } from '#features/operations/item-columns.tsx'
import { itemWords, outcomeWords } from '#features/operations/operation-words.ts'

const SHOWN = ['all', 'processed', 'failed-again', 'not-seen', 'failed', 'skipped', 'quarantined', 'pending'] as const

const isOutcome = (text: string): text is ItemOutcome => (ITEM_OUTCOMES as readonly string[]).includes(text)
const isState = (text: string): text is ItemState => (ITEM_STATES as readonly string[]).includes(text)

const DISCARD_SHOWN = ['all', 'removed', 'failed', 'skipped', 'pending'] as const
const KNOWN = [...SHOWN, 'removed'] as const

const chipsOf = (kind: OperationKind) =>
  (kind === 'discard' ? DISCARD_SHOWN : SHOWN).map((id) => ({
    id,
    label: isOutcome(id) ? outcomeWords(id).word : isState(id) ? itemWords(id, kind).word : 'All',
  }))

interface ItemTableProps {
  readonly operationId: string
  readonly kind: OperationKind
  readonly isOver: boolean
}

/** The ledger, message by message. */
export function ItemTable({ operationId, kind, isOver }: ItemTableProps) {
  const trpc = useTRPC()
  const [show, setShow] = useQueryState('items', parseAsStringLiteral(KNOWN).withDefault('all'))
  const items = useInfiniteQuery({
    ...trpc.operation.items.infiniteQueryOptions(
      { id: operationId, outcome: isOutcome(show) ? show : null, state: isState(show) ? show : null, limit: 50 },
      { getNextPageParam: (page) => page.nextCursor },
    ),
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 2 ? false : isOver ? 10_000 : 2000),
    placeholderData: keepPreviousData,
  })
  const rows = useMemo(() => items.data?.pages.flatMap((page) => page.items) ?? [], [items.data])
  return (
    <>
      <div className="mb-2 flex flex-wrap items-center gap-2">
        <FilterChips
          label="Items"
          chips={chipsOf(kind)}
          value={show}
          onChange={(id) => void setShow(KNOWN.find((known) => known === id) ?? null)}
        />
        <a
          href={`/api/operations/${operationId}/ledger`}
          download
          className={classNames(buttonClass('plain', 'small'), 'ml-auto')}
        >
          <Download size={12} aria-hidden="true" /> Download the ledger
        </a>
      </div>
      <Card isFlush>
        <Fetched query={items} skeleton={<SkeletonRows count={6} label="items" />}>
          {() =>
            rows.length === 0 ? (
              <EmptyState title={show === 'all' ? 'No items yet' : 'None is like that'}>
                {show === 'all'
                  ? 'They come with the plan, in the order in which they are taken.'
                  : 'Choose another filter.'}
              </EmptyState>
            ) : (
              <ListTable label="Items" columns={itemColumns(kind)} rows={rows} rowId={(row) => String(row.ordinal)} />
            )
          }
        </Fetched>
      </Card>
      <LoadMore shown={rows.length} pages={items} />
    </>
  )
}
