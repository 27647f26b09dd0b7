'use client'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { parseAsBoolean, parseAsStringLiteral, useQueryState } from 'nuqs'
import { FileUp } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useMemo } from 'react'
import type { OperationState } from '#domain/operation/operation-state.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { FilterChips } from '#ui/filter-chips.tsx'
import { LoadMore } from '#ui/load-more.tsx'
import { PageHead } from '#ui/page-head.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { ListTable } from '#ui/table/list-table.tsx'
import { TextLink } from '#ui/text-link.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { OPERATION_COLUMNS } from '#features/operations/operation-columns.tsx'
import { operationPath } from '#features/operations/operation-path.ts'
import { useMay } from '#features/session/person-context.ts'

// Few come to import; the drawer is fetched when it is asked for.
const ImportPanel = dynamic(async () => (await import('#features/operations/import-panel.tsx')).ImportPanel)

const SHOWN = ['all', 'active', 'over'] as const
type Shown = (typeof SHOWN)[number]

const STATES: Readonly<Record<Shown, OperationState[] | null>> = {
  all: null,
  active: ['planning', 'planned', 'queued', 'canary', 'running', 'paused'],
  over: ['completed', 'partial', 'cancelled', 'failed'],
}

const CHIPS = [
  { id: 'all', label: 'All' },
  { id: 'active', label: 'Under way' },
  { id: 'over', label: 'Over' },
] as const

/** Everything that was done through Throughline, newest first. */
export function OperationList() {
  const trpc = useTRPC()
  const router = useRouter()
  const [show, setShow] = useQueryState('show', parseAsStringLiteral(SHOWN).withDefault('all'))
  const mayImport = useMay('payload:import')
  const [isImporting, setImporting] = useQueryState('import', parseAsBoolean.withDefault(false))
  const list = useInfiniteQuery({
    ...trpc.operation.list.infiniteQueryOptions(
      { states: STATES[show], limit: 50 },
      { getNextPageParam: (page) => page.nextCursor },
    ),
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 2 ? false : 3000),
    placeholderData: keepPreviousData,
  })
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.operations) ?? [], [list.data])
  return (
    <>
      <PageHead
        title="Operations"
        sentence="Planned, capped, watched, stoppable and on the record."
        actions={
          mayImport && (
            <Button icon={<FileUp size={13} aria-hidden="true" />} onClick={() => void setImporting(true)}>
              Import messages…
            </Button>
          )
        }
      />
      <div className="mb-3">
        <FilterChips
          label="State"
          chips={CHIPS}
          value={show}
          onChange={(id) => void setShow(SHOWN.find((known) => known === id) ?? null)}
        />
      </div>
      <Card isFlush>
        <Fetched query={list} skeleton={<SkeletonRows count={5} label="operations" />}>
          {() =>
            rows.length === 0 ? (
              <EmptyState title={show === 'all' ? 'No operations yet' : 'None is in that state'}>
                A redrive starts from a failure group on <TextLink href="/dead-letters">Dead letters</TextLink>
                {mayImport ? ', the import of a file from here.' : '.'}
              </EmptyState>
            ) : (
              <ListTable
                label="Operations"
                columns={OPERATION_COLUMNS}
                rows={rows}
                rowId={(row) => row.id}
                onOpen={(row) => router.push(operationPath(row.id))}
                hasPageKeys
              />
            )
          }
        </Fetched>
      </Card>
      <LoadMore shown={rows.length} pages={list} />
      {isImporting && mayImport && <ImportPanel onClose={() => void setImporting(null)} />}
    </>
  )
}
