'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Hop } from '#domain/flow/flow.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { formatDurationUs } from '#ui/format/duration.ts'
import { LoadMore } from '#ui/load-more.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { FetchedList } from '#features/failure/fetched-list.tsx'
import { confidenceWords } from '#features/flows/delivery-words.ts'
import { evidenceWords, hopWords } from '#features/flows/flow-words.ts'

/** `orders p3 @ 88120417`, as far as it is known. */
export function hopPlace(hop: Hop): string {
  const lane = hop.partition === null ? '' : ` p${hop.partition}`
  return hop.offset === null ? lane.trim() : `${lane} @ ${hop.offset}`.trim()
}

const COLUMNS: readonly ListColumn<Hop>[] = [
  {
    id: 'outcome',
    header: 'Outcome',
    className: 'w-32',
    cell: (hop) => <StateMark tone={hopWords(hop.outcome).tone}>{hopWords(hop.outcome).word}</StateMark>,
  },
  {
    id: 'destination',
    header: 'Through',
    cell: (hop) => (
      <>
        <div className="wrap-anywhere-safe">{hop.destination}</div>
        <div className="font-mono text-sm text-ink-3">{hopPlace(hop)}</div>
      </>
    ),
  },
  {
    id: 'from',
    header: 'From',
    className: 'hidden @lg:table-cell',
    cell: (hop) => hop.sender?.service ?? <span className="text-ink-3">not seen</span>,
  },
  {
    id: 'to',
    header: 'To',
    cell: (hop) => (
      <>
        <div>{hop.receiver?.service ?? <span className="text-ink-3">nobody yet</span>}</div>
        {hop.attribution !== null && (
          <div className="text-sm text-ink-3" title={hop.attribution.evidence}>
            {hop.attribution.group === null ? 'group not known' : `group ${hop.attribution.group}`}
            {hop.attribution.confidence !== 'said' &&
              hop.attribution.group !== null &&
              ` · ${confidenceWords(hop.attribution.confidence)}`}
          </div>
        )}
      </>
    ),
  },
  {
    id: 'attempt',
    header: 'Attempt',
    isNumeric: true,
    className: 'hidden w-20 @2xl:table-cell',
    cell: (hop) => hop.attempt ?? <span className="text-ink-3">—</span>,
  },
  {
    id: 'dwell',
    header: 'In queue',
    isNumeric: true,
    className: 'w-24',
    cell: (hop) => (
      <span
        className={hop.isSkewed ? 'text-warn' : undefined}
        title={hop.isSkewed ? 'The clocks of sender and receiver disagree' : undefined}
      >
        {formatDurationUs(hop.dwellUs)}
      </span>
    ),
  },
  {
    id: 'work',
    header: 'Worked on',
    isNumeric: true,
    className: 'hidden w-24 @lg:table-cell',
    cell: (hop) =>
      formatDurationUs(hop.receivedUs === null || hop.settledUs === null ? null : hop.settledUs - hop.receivedUs),
  },
  {
    id: 'joined',
    header: 'Joined by',
    className: 'hidden @4xl:table-cell',
    cell: (hop) => <span className="text-ink-2">{evidenceWords(hop.joinedBy)}</span>,
  },
]

interface HopTableProps {
  readonly asked: string
  readonly onOpen: (rowId: string) => void
}

/** One row per delivery, by pages. */
export function HopTable({ asked, onOpen }: HopTableProps) {
  const trpc = useTRPC()
  const pages = useInfiniteQuery({
    ...trpc.flow.hops.infiniteQueryOptions({ flowKey: asked }, { getNextPageParam: (page) => page.nextCursor }),
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 1 ? false : 5_000),
  })
  const hops = useMemo(() => pages.data?.pages.flatMap((page) => page.hops) ?? [], [pages.data])
  return (
    <>
      <FetchedList
        query={pages}
        rowsOf={() => hops}
        label="Hops"
        expected={8}
        empty={{ title: 'No hops', text: 'No message of this flow was seen leaving or arriving.' }}
        columns={COLUMNS}
        rowId={(hop) => hop.id}
        onOpen={(hop) => onOpen(rowOfHop(hop))}
      />
      <LoadMore shown={hops.length} pages={pages} />
    </>
  )
}

/** The row of the timeline that tells of it: its receiver's, else its wait. */
const rowOfHop = ({ id, receiver }: Hop): string =>
  receiver === null ? `queue:${id}` : `span:${receiver.traceId}:${receiver.spanId}`
