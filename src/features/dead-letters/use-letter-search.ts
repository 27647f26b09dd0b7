'use client'
import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import type { DeadLetterState } from '#domain/dead-letter/dead-letter.ts'
import type { LetterFilter } from '#domain/dead-letter/letter-filter.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { useSearchRun } from '#ui/use-search-run.ts'

const PAGE = 50
/** A search that had to look at more is not repeated by itself. */
const CHEAP_COUNT = 2_000

/** Dead letters of every failure group that are as asked, newest death first, with how far the search has looked. */
export function useLetterSearch(state: DeadLetterState, filter: LetterFilter) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
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
  const came = { hasNextPage, isFetching, isPlaceholderData, error, pageCount: pages.length, rowCount: rows.length }
  const run = useSearchRun(JSON.stringify(input), PAGE, { ...came, fetchNextPage }, () => {
    void queryClient.cancelQueries({ queryKey: options.queryKey })
  })
  return {
    letters,
    rows,
    /** Everything was looked at: what is listed is all there is. */
    isComplete: data !== undefined && !hasNextPage && !isPlaceholderData,
    lookedCount: pages.reduce((sum, page) => sum + page.lookedCount, 0),
    totalCount: pages[0]?.totalCount ?? 0,
    failedCount: pages.reduce((sum, page) => sum + page.failedCount, 0),
    failedReason: pages.find((page) => page.failedReason !== null)?.failedReason ?? null,
    ...run,
  } as const
}

export type LetterSearchState = ReturnType<typeof useLetterSearch>
