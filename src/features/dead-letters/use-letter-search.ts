'use client'
import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { DeadLetterState } from '#domain/dead-letter/dead-letter.ts'
import type { LetterFilter } from '#domain/dead-letter/letter-filter.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { useNow } from '#ui/use-now.ts'

const PAGE = 50
/** A search that has gone on for so long stops by itself; a person may let it go on. */
const MOST_MS = 60_000
/** A search that had to look at more is not repeated by itself. */
const CHEAP_COUNT = 2_000

/** One go: it asks on until there are `goal` rows, all is looked at, or somebody or the clock stops it. */
interface Run {
  readonly question: string
  readonly goal: number
  readonly startedMs: number
  readonly isStopped: boolean
}

/** Dead letters of every failure group that are as asked, newest death first, with how far the search has looked. */
export function useLetterSearch(state: DeadLetterState, filter: LetterFilter) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const nowMs = useNow()
  const input = { state, filter, limit: PAGE }
  const options = trpc.deadLetter.search.infiniteQueryOptions(input, {
    getNextPageParam: (page) => page.nextCursor,
    trpc: { abortOnUnmount: true },
  })
  const letters = useInfiniteQuery({
    ...options,
    refetchInterval: (query) => {
      const pages = query.state.data?.pages ?? []
      return pages.length === 1 && (pages[0]?.lookedCount ?? 0) <= CHEAP_COUNT ? 5_000 : false
    },
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    placeholderData: keepPreviousData,
    gcTime: 30_000,
    retry: false,
  })
  const { data, hasNextPage, isFetching, isPlaceholderData, error, fetchNextPage } = letters
  const pages = data?.pages ?? []
  const rows = pages.flatMap((page) => page.deadLetters)
  const question = JSON.stringify(input)
  const [run, setRun] = useState<Run>({ question, goal: PAGE, startedMs: nowMs, isStopped: false })
  if (run.question !== question) setRun({ question, goal: PAGE, startedMs: nowMs, isStopped: false })
  const isOutOfTime = nowMs - run.startedMs > MOST_MS
  const wantsMore = hasNextPage && !isPlaceholderData && rows.length < run.goal && error === null
  const isSearching = wantsMore && !run.isStopped && !isOutOfTime
  useEffect(() => {
    if (isSearching && !isFetching) void fetchNextPage()
  }, [isSearching, isFetching, fetchNextPage, pages.length])
  return {
    letters,
    rows,
    /** Everything was looked at: what is listed is all there is. */
    isComplete: data !== undefined && !hasNextPage && !isPlaceholderData,
    lookedCount: pages.reduce((sum, page) => sum + page.lookedCount, 0),
    totalCount: pages[0]?.totalCount ?? 0,
    failedCount: pages.reduce((sum, page) => sum + page.failedCount, 0),
    failedReason: pages.find((page) => page.failedReason !== null)?.failedReason ?? null,
    isSearching,
    isStopped: wantsMore && !isSearching,
    stop: () => {
      setRun({ ...run, isStopped: true })
      void queryClient.cancelQueries({ queryKey: options.queryKey })
    },
    goOn: () => setRun({ ...run, startedMs: nowMs, isStopped: false }),
    loadMore: () => setRun({ ...run, goal: rows.length + PAGE, startedMs: nowMs, isStopped: false }),
  } as const
}

export type LetterSearchState = ReturnType<typeof useLetterSearch>
