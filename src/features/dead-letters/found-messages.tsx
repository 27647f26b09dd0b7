'use client'
import dynamic from 'next/dynamic'
import type { DeadLetterState } from '#domain/dead-letter/dead-letter.ts'
import type { LetterFilter } from '#domain/dead-letter/letter-filter.ts'
import { BreakableName } from '#ui/breakable-name.tsx'
import { Button } from '#ui/button.tsx'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { formatPlural } from '#ui/format/number.ts'
import { LoadMore } from '#ui/load-more.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { ListTable } from '#ui/table/list-table.tsx'
import { foundGroup } from '#features/dead-letters/found-group.ts'
import { LetterSearchProgress } from '#features/dead-letters/letter-search-progress.tsx'
import { type DeadLetterRow, MESSAGE_COLUMNS } from '#features/dead-letters/message-columns.tsx'
import { useDeadLetterView } from '#features/dead-letters/use-dead-letter-view.ts'
import { useLetterSearch } from '#features/dead-letters/use-letter-search.ts'
import { Fetched } from '#features/failure/fetched.tsx'
import { useMay } from '#features/session/person-context.ts'

const RedrivePanel = dynamic(async () => (await import('#features/dead-letters/redrive-panel.tsx')).RedrivePanel)
const DiscardPanel = dynamic(async () => (await import('#features/dead-letters/discard-panel.tsx')).DiscardPanel)

const [DIED, FLOW, ...OTHERS] = MESSAGE_COLUMNS
const FAILURE: ListColumn<DeadLetterRow> = {
  id: 'failure',
  header: 'Failure',
  className: 'hidden @lg:table-cell',
  cell: (row) => (
    <span className="font-mono text-sm">
      <BreakableName name={row.fingerprintTitle} />
    </span>
  ),
}
const COLUMNS = [DIED, FLOW, FAILURE, ...OTHERS].filter((column) => column !== undefined)

interface FoundMessagesProps {
  readonly state: DeadLetterState
  readonly filter: LetterFilter
}

/** The messages that a search finds in every failure group, and what can be done with exactly those. */
export function FoundMessages({ state, filter }: FoundMessagesProps) {
  const [view, setView] = useDeadLetterView()
  const mayPlan = useMay('operation:plan')
  const search = useLetterSearch(state, filter)
  const { rows, letters, isComplete } = search
  const group = rows.length === 0 ? null : foundGroup(filter, rows)
  const isActing = state === 'open' && mayPlan && group !== null
  const prepare = (act: 'redrive' | 'discard') =>
    void setView({ redrive: act === 'redrive', discard: act === 'discard', only: null, id: null, fingerprint: null })
  const close = () => void setView({ redrive: null, discard: null, only: null })
  return (
    <section aria-label="Messages found">
      <div className="mb-2 flex flex-wrap items-center gap-2">
        <h2 className="w-full font-semibold sm:w-auto sm:min-w-0 sm:flex-1">
          {letters.data === undefined
            ? 'Looking…'
            : `${formatPlural(rows.length, 'message')} found${isComplete ? '' : ' so far'}`}
        </h2>
        {isActing && (
          <>
            <Button onClick={() => prepare('discard')}>Discard what is found…</Button>
            <Button kind="primary" onClick={() => prepare('redrive')}>
              Redrive what is found…
            </Button>
          </>
        )}
      </div>
      <LetterSearchProgress search={search} />
      <Card isFlush>
        <Fetched query={letters} skeleton={<SkeletonRows count={5} label="messages" />}>
          {() =>
            rows.length === 0 ? (
              <EmptyState title={isComplete ? `No ${state} dead letter is like that` : 'None so far'}>
                {isComplete ? 'Everything was looked at. Widen the search, or look among another state.' : ''}
              </EmptyState>
            ) : (
              <ListTable
                label="Messages found"
                columns={COLUMNS}
                rows={rows}
                rowId={(row) => row.id}
                openId={view.id}
                onOpen={(row) => void setView({ id: row.id, redrive: null, discard: null, only: null })}
                onClose={() => void setView({ id: null })}
                hasPageKeys
              />
            )
          }
        </Fetched>
      </Card>
      <LoadMore
        shown={rows.length}
        pages={{
          hasNextPage: letters.hasNextPage,
          isFetchingNextPage: search.isSearching || letters.isFetchingNextPage,
          fetchNextPage: search.loadMore,
        }}
      />
      {isActing && view.only === null && view.redrive && (
        <RedrivePanel group={group} onlyId={null} filter={filter} onClose={close} />
      )}
      {isActing && view.only === null && view.discard && !view.redrive && (
        <DiscardPanel group={group} onlyId={null} filter={filter} onClose={close} />
      )}
    </section>
  )
}
