'use client'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useMemo } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { buttonClass } from '#ui/button-class.ts'
import { Button } from '#ui/button.tsx'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { FilterText } from '#ui/filter-text.tsx'
import { formatPlural } from '#ui/format/number.ts'
import { LoadMore } from '#ui/load-more.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import { ListTable } from '#ui/table/list-table.tsx'
import { MESSAGE_COLUMNS } from '#features/dead-letters/message-columns.tsx'
import { readinessOf, type FailureGroup } from '#features/dead-letters/redrive-readiness.ts'
import { useDeadLetterView } from '#features/dead-letters/use-dead-letter-view.ts'
import { Fetched } from '#features/failure/fetched.tsx'
import { useMay } from '#features/session/person-context.ts'

interface GroupMessagesProps {
  readonly fingerprint: string
  /** null while the groups are fetched, or when the last of its messages has left. */
  readonly group: FailureGroup | null
  readonly nowMs: number
}

/** The messages of one failure group, newest death first, and the way to send them again. */
export function GroupMessages({ fingerprint, group, nowMs }: GroupMessagesProps) {
  const trpc = useTRPC()
  const mayPlan = useMay('operation:plan')
  const mayExport = useMay('payload:export')
  const [view, setView] = useDeadLetterView()
  const messages = useInfiniteQuery({
    ...trpc.deadLetter.list.infiniteQueryOptions(
      { state: view.state, fingerprint, search: view.find === '' ? null : view.find, limit: 50 },
      { getNextPageParam: (page) => page.nextCursor },
    ),
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 2 ? false : 5000),
    placeholderData: keepPreviousData,
  })
  const rows = useMemo(() => messages.data?.pages.flatMap((page) => page.deadLetters) ?? [], [messages.data])
  const readiness = group === null ? null : readinessOf(group, nowMs)
  return (
    <section aria-label="Messages of the failure group" className="mt-5">
      <div className="mb-2 flex flex-wrap items-center gap-x-3 gap-y-2">
        <h2 className="min-w-0 font-semibold wrap-anywhere-safe">
          Messages in{' '}
          <span className="font-mono text-sm">{group?.title ?? rows[0]?.fingerprintTitle ?? fingerprint}</span>
        </h2>
        {readiness !== null && view.state === 'open' && (
          <StateMark tone={readiness.tone} title={readiness.reason}>
            {readiness.word}
          </StateMark>
        )}
        <div className="flex flex-1 flex-wrap items-center justify-end gap-2">
          <FilterText
            label="Find a message by correlation id, trace id or position"
            placeholder="Correlation id, position…"
            value={view.find}
            onChange={(text) => void setView({ find: text === '' ? null : text })}
            className="w-full sm:w-56"
            isMono
          />
          {mayExport && rows.length > 0 && (
            <a
              href={`/api/dead-letters/export?${new URLSearchParams({ state: view.state, fingerprint })}`}
              download
              title="Whole messages as JSON Lines, unmasked; every export is on the record"
              className={buttonClass('plain')}
            >
              <Download size={13} aria-hidden="true" /> Export
            </a>
          )}
          {mayPlan && view.state === 'open' && group !== null && (
            <>
              <Button onClick={() => void setView({ discard: true, redrive: null, only: null, id: null })}>
                Discard…
              </Button>
              <Button
                kind="primary"
                onClick={() => void setView({ redrive: true, discard: null, only: null, id: null })}
              >
                Redrive {formatPlural(group.count, 'message')}…
              </Button>
            </>
          )}
        </div>
      </div>
      <Card isFlush>
        <Fetched query={messages} skeleton={<SkeletonRows count={5} label="messages" />}>
          {() =>
            rows.length === 0 ? (
              <EmptyState title="No message here">
                {view.find === ''
                  ? `None of this group is ${view.state} any more.`
                  : 'No message of this group has that id.'}
              </EmptyState>
            ) : (
              <ListTable
                label="Messages"
                columns={MESSAGE_COLUMNS}
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
      <LoadMore shown={rows.length} pages={messages} />
    </section>
  )
}
