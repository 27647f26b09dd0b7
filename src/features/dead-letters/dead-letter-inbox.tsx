'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { useMemo } from 'react'
import { DEAD_LETTER_STATES } from '#domain/dead-letter/dead-letter.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { FilterChips } from '#ui/filter-chips.tsx'
import { FilterText } from '#ui/filter-text.tsx'
import { formatPlural } from '#ui/format/number.ts'
import { PageHead } from '#ui/page-head.tsx'
import { deadLetterWords } from '#features/dead-letters/dead-letter-words.ts'
import { FailureGroups } from '#features/dead-letters/failure-groups.tsx'
import { groupColumns } from '#features/dead-letters/group-columns.tsx'
import { GroupMessages } from '#features/dead-letters/group-messages.tsx'
import { filterOf, LetterSearchBar } from '#features/dead-letters/letter-search-bar.tsx'
import { useDeadLetterView } from '#features/dead-letters/use-dead-letter-view.ts'

const GroupFacts = dynamic(async () => (await import('#features/dead-letters/group-facts.tsx')).GroupFacts)
const FoundMessages = dynamic(async () => (await import('#features/dead-letters/found-messages.tsx')).FoundMessages)
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
  const filter = filterOf(view)
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
        {filter === null && (
          <FilterText
            label="Filter failures by their title"
            placeholder="Exception, frame…"
            value={view.q}
            onChange={(text) => void setView({ q: text === '' ? null : text })}
            className="w-full sm:w-64"
          />
        )}
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
      <LetterSearchBar />
      {filter === null ? (
        <FailureGroups groups={groups} columns={columns} />
      ) : (
        <FoundMessages state={view.state} filter={filter} />
      )}
      {filter === null && view.fingerprint !== null && (
        <>
          <GroupFacts fingerprint={view.fingerprint} />
          <GroupMessages fingerprint={view.fingerprint} group={chosen} nowMs={nowMs} />
        </>
      )}
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
