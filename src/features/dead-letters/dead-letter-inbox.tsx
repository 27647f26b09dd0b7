'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { useMemo } from 'react'
import { DEAD_LETTER_STATES } from '#domain/dead-letter/dead-letter.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { FilterChips } from '#ui/filter-chips.tsx'
import { FilterText } from '#ui/filter-text.tsx'
import { formatCount, formatPlural } from '#ui/format/number.ts'
import { PageHead } from '#ui/page-head.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { ListTable } from '#ui/table/list-table.tsx'
import { deadLetterWords } from '#features/dead-letters/dead-letter-words.ts'
import { groupColumns } from '#features/dead-letters/group-columns.tsx'
import { GroupMessages } from '#features/dead-letters/group-messages.tsx'
import { useDeadLetterView } from '#features/dead-letters/use-dead-letter-view.ts'
import { Fetched } from '#features/failure/fetched.tsx'

const RedrivePanel = dynamic(async () => (await import('#features/dead-letters/redrive-panel.tsx')).RedrivePanel)
const DiscardPanel = dynamic(async () => (await import('#features/dead-letters/discard-panel.tsx')).DiscardPanel)
const DeadLetterPanel = dynamic(
  async () => (await import('#features/dead-letters/dead-letter-panel.tsx')).DeadLetterPanel,
)

const CHIPS = DEAD_LETTER_STATES.map((id) => ({ id, label: deadLetterWords(id).word }))

/** What consumers gave up on, grouped by what it died of. */
export function DeadLetterInbox() {
  const trpc = useTRPC()
  const [view, setView] = useDeadLetterView()
  const groups = useQuery({
    ...trpc.deadLetter.groups.queryOptions({ state: view.state, search: view.q === '' ? null : view.q }),
    refetchInterval: 3000,
    placeholderData: keepPreviousData,
  })
  const nowMs = groups.data?.nowMs ?? 0
  const columns = useMemo(() => groupColumns(nowMs), [nowMs])
  const chosen = groups.data?.groups.find((group) => group.fingerprint === view.fingerprint) ?? null
  const isPreparing = (view.redrive || view.discard) && chosen !== null
  return (
    <>
      <PageHead
        title="Dead letters"
        sentence={
          groups.data === undefined
            ? '\u00a0'
            : `${formatPlural(groups.data.totalCount, 'message')} ${view.state} in ${formatPlural(groups.data.groupCount, 'failure group')}.`
        }
      />
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <FilterText
          label="Filter failures by their title"
          placeholder="Exception, frame…"
          value={view.q}
          onChange={(text) => void setView({ q: text === '' ? null : text })}
          className="w-full sm:w-64"
        />
        <FilterChips
          label="State"
          chips={CHIPS}
          value={view.state}
          onChange={(id) =>
            void setView({
              state: DEAD_LETTER_STATES.find((state) => state === id) ?? null,
              fingerprint: null,
              id: null,
              redrive: null,
              discard: null,
              only: null,
            })
          }
        />
      </div>
      <Card isFlush>
        <Fetched query={groups} skeleton={<SkeletonRows count={4} label="failure groups" />}>
          {(found) =>
            found.groups.length === 0 ? (
              <NoGroups state={view.state} isFiltered={view.q !== ''} />
            ) : (
              <ListTable
                label="Failure groups"
                columns={columns}
                rows={found.groups}
                rowId={(group) => group.fingerprint}
                openId={view.fingerprint}
                onOpen={(group) =>
                  void setView({
                    fingerprint: group.fingerprint,
                    id: null,
                    redrive: null,
                    discard: null,
                    only: null,
                    find: null,
                  })
                }
                onClose={() => void setView({ fingerprint: null })}
                hasPageKeys={view.fingerprint === null}
              />
            )
          }
        </Fetched>
      </Card>
      {groups.data !== undefined && groups.data.groupCount > groups.data.groups.length && (
        <p className="mt-2 text-sm text-ink-3">
          The {formatCount(groups.data.groups.length)} largest groups are listed; filter to see others.
        </p>
      )}
      {view.fingerprint !== null && <GroupMessages fingerprint={view.fingerprint} group={chosen} nowMs={nowMs} />}
      {view.id !== null && !isPreparing && <DeadLetterPanel id={view.id} onClose={() => void setView({ id: null })} />}
      {view.redrive && chosen !== null && (
        <RedrivePanel group={chosen} onlyId={view.only} onClose={() => void setView({ redrive: null, only: null })} />
      )}
      {view.discard && !view.redrive && chosen !== null && (
        <DiscardPanel group={chosen} onlyId={view.only} onClose={() => void setView({ discard: null, only: null })} />
      )}
    </>
  )
}

function NoGroups({ state, isFiltered }: { readonly state: string; readonly isFiltered: boolean }) {
  if (isFiltered) return <EmptyState title="No failure is called that">Widen the filter to see the others.</EmptyState>
  return (
    <EmptyState title={state === 'open' ? 'No open dead letters' : `Nothing is ${state}`}>
      {state === 'open'
        ? 'The collector finds dead-letter topics and queues by their configuration, their name and the headers in them; what lands there appears here within seconds.'
        : 'Dead letters come here when they leave the inbox that way.'}
    </EmptyState>
  )
}
