'use client'
import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { questionOf, rangeOf, whyNotAsked, pickedRange } from '#features/flows/flow-question.ts'
import { useFlowFilter } from '#features/flows/use-flow-filter.ts'
import { useNow } from '#ui/use-now.ts'

const MINUTE_MS = 60_000
const PAGE = 50
/** A search that has gone on for so long stops by itself; a person may let it go on. */
const MOST_MS = 60_000

/** One go of a search: it asks on until there are `goal` rows, all is looked at, or somebody or the clock stops it. */
interface Run {
  readonly question: string
  readonly goal: number
  readonly startedMs: number
  readonly isStopped: boolean
}

/** Flows as asked by the address, newest first; the window moves along while only its first page is shown. */
export function useFlowSearch() {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [filter] = useFlowFilter()
  const refusal = whyNotAsked(filter)
  const nowMs = useNow()
  const minute = Math.floor(nowMs / MINUTE_MS)
  const [anchor, setAnchor] = useState(0)
  // Clocks of senders may be ahead of ours: the window ends a little after now.
  const input = { ...questionOf(filter), ...rangeOf(filter, (anchor + 2) * MINUTE_MS) }
  const options = trpc.flow.list.infiniteQueryOptions(
    { ...input, limit: PAGE },
    { getNextPageParam: (page) => page.nextCursor, trpc: { abortOnUnmount: true } },
  )
  const flows = useInfiniteQuery({
    ...options,
    enabled: anchor > 0 && refusal === null,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 1 ? false : 5_000),
    refetchOnWindowFocus: (query) => (query.state.data?.pages.length ?? 0) <= 1,
    refetchOnReconnect: (query) => (query.state.data?.pages.length ?? 0) <= 1,
    placeholderData: keepPreviousData,
    gcTime: 30_000,
  })
  const { data, hasNextPage, isFetching, isPlaceholderData, error, fetchNextPage } = flows
  const pages = data?.pages ?? []
  if (minute > 0 && minute !== anchor && pages.length <= 1) setAnchor(minute)
  // A flow that did twice what is looked for may come twice.
  const rows = [...new Map(pages.flatMap((page) => page.flows).map((flow) => [flow.flowKey, flow])).values()]

  const question = JSON.stringify({ ...input, toMs: pickedRange(filter)?.toMs ?? anchor })
  const [run, setRun] = useState<Run>({ question, goal: PAGE, startedMs: nowMs, isStopped: false })
  if (run.question !== question) setRun({ question, goal: PAGE, startedMs: nowMs, isStopped: false })
  const isOutOfTime = nowMs - run.startedMs > MOST_MS
  const wantsMore = hasNextPage && !isPlaceholderData && rows.length < run.goal && error === null
  const isSearching = wantsMore && !run.isStopped && !isOutOfTime
  useEffect(() => {
    if (isSearching && !isFetching) void fetchNextPage()
  }, [isSearching, isFetching, fetchNextPage, pages.length])
  return {
    flows,
    rows,
    range: { fromMs: input.fromMs, toMs: input.toMs },
    question: input,
    refusal,
    isReady: anchor > 0,
    searchedIn: pages.at(-1)?.searchedIn ?? 'flows',
    /** null before the first answer. */
    searchedToMs: pages.length === 0 || isPlaceholderData ? null : (pages.at(-1)?.searchedToUs ?? 0) / 1_000,
    isSearching,
    /** The id is on so many flows that only some of them are here. */
    isHub: pages.some((page) => page.isHub),
    /** Stopped before there was a page of rows, by somebody or by the clock. */
    stoppedBy: !wantsMore ? null : run.isStopped ? 'person' : isOutOfTime ? 'clock' : null,
    stop: () => {
      setRun({ ...run, isStopped: true })
      void queryClient.cancelQueries({ queryKey: options.queryKey })
    },
    goOn: () => setRun({ ...run, startedMs: nowMs, isStopped: false }),
    loadMore: () => setRun({ ...run, goal: rows.length + PAGE, startedMs: nowMs, isStopped: false }),
  } as const
}

export type FlowSearch = ReturnType<typeof useFlowSearch>
