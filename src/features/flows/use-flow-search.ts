'use client'
import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { questionOf, rangeOf, whyNotAsked, pickedRange } from '#features/flows/flow-question.ts'
import { useFlowFilter } from '#features/flows/use-flow-filter.ts'
import { useNow } from '#ui/use-now.ts'
import { useSearchRun } from '#ui/use-search-run.ts'

const MINUTE_MS = 60_000
const PAGE = 50

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
  const came = { hasNextPage, isFetching, isPlaceholderData, error, pageCount: pages.length, rowCount: rows.length }
  const run = useSearchRun(question, PAGE, { ...came, fetchNextPage }, () => {
    void queryClient.cancelQueries({ queryKey: options.queryKey })
  })
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
    ...run,
    /** The id is on so many flows that only some of them are here. */
    isHub: pages.some((page) => page.isHub),
  } as const
}

export type FlowSearch = ReturnType<typeof useFlowSearch>
