'use client'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { BreakableName } from '#ui/breakable-name.tsx'
import { LoadMore } from '#ui/load-more.tsx'
import { MomentText } from '#ui/moment-text.tsx'
import { PageHead } from '#ui/page-head.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import type { Tone } from '#ui/tone.ts'
import { FetchedList } from '#features/failure/fetched-list.tsx'

type Entry = RouterOutputs['audit']['list']['entries'][number]

const OUTCOMES: Readonly<Record<Entry['outcome'], { readonly word: string; readonly tone: Tone }>> = {
  allowed: { word: 'Done', tone: 'ok' },
  denied: { word: 'Denied', tone: 'bad' },
  failed: { word: 'Failed', tone: 'warn' },
}

const COLUMNS: readonly ListColumn<Entry>[] = [
  {
    id: 'at',
    header: 'When',
    className: 'w-20 @2xl:w-36',
    cell: (entry) => (
      <span className="text-ink-2">
        <MomentText atMs={entry.atMs} />
      </span>
    ),
  },
  {
    id: 'who',
    header: 'Who',
    className: 'w-20 @2xl:w-32',
    cell: (entry) => (
      <>
        {entry.actorName}
        {entry.actorKind === 'system' && <span className="text-ink-3"> system</span>}
      </>
    ),
  },
  {
    id: 'verb',
    header: 'Did',
    cell: (entry) => (
      <span className="font-mono text-sm">
        <BreakableName name={entry.verb} />
      </span>
    ),
  },
  {
    id: 'target',
    header: 'To',
    className: 'hidden @2xl:table-cell',
    cell: (entry) => <span className="font-mono text-sm text-ink-2 wrap-anywhere-safe">{entry.target}</span>,
  },
  {
    id: 'outcome',
    header: 'Outcome',
    className: 'w-24',
    cell: (entry) => <StateMark tone={OUTCOMES[entry.outcome].tone}>{OUTCOMES[entry.outcome].word}</StateMark>,
  },
  {
    id: 'details',
    header: 'Details',
    className: 'hidden @4xl:table-cell',
    cell: (entry) => <EntryDetails details={entry.details} />,
  },
]

function EntryDetails({ details }: { readonly details: Entry['details'] }) {
  const text = JSON.stringify(details)
  return text === '{}' ? null : (
    <span className="line-clamp-2 max-w-[60ch] font-mono text-sm text-ink-3 wrap-anywhere-safe" title={text}>
      {text}
    </span>
  )
}

/** Who did what, when, and whether it was allowed. Nothing here can be changed. */
export function AuditLog() {
  const trpc = useTRPC()
  const log = useInfiniteQuery({
    ...trpc.audit.list.infiniteQueryOptions({ limit: 50 }, { getNextPageParam: (page) => page.nextCursor }),
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 2 ? false : 5000),
    placeholderData: keepPreviousData,
  })
  const rows = useMemo(() => log.data?.pages.flatMap((page) => page.entries) ?? [], [log.data])
  return (
    <>
      <PageHead
        title="Audit log"
        sentence="Who did what, when, and whether it was allowed. Nothing here can be changed."
      />
      <FetchedList
        query={log}
        rowsOf={() => rows}
        label="Audit log"
        expected={8}
        empty={{
          title: 'Nothing has been done yet',
          text: 'Every plan, start, pause, sign-in and refusal is written here.',
        }}
        columns={COLUMNS}
        rowId={(entry) => String(entry.id)}
      />
      <LoadMore shown={rows.length} pages={log} />
    </>
  )
}
