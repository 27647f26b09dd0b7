'use client'
import { useEffect, useState } from 'react'
import { useNow } from '#ui/use-now.ts'

/** A search that has gone on for so long stops by itself; a person may let it go on. */
const MOST_MS = 60_000

/** One go of a search: it asks on until there are `goal` rows, all is looked at, or somebody or the clock stops it. */
interface Run {
  readonly question: string
  readonly goal: number
  readonly startedMs: number
  readonly isStopped: boolean
}

/** What a run needs to know of the pages that came so far; an infinite query has all of it. */
interface SearchedPages {
  readonly hasNextPage: boolean
  readonly isFetching: boolean
  readonly isPlaceholderData: boolean
  readonly error: unknown
  readonly fetchNextPage: () => Promise<unknown>
  readonly pageCount: number
  readonly rowCount: number
}

/**
 * Asks for page after page of a search that answers in bounded steps, until `pageSize` rows more are there. Another
 * question begins anew. `cancel` ends what is being asked.
 */
export function useSearchRun(question: string, pageSize: number, pages: SearchedPages, cancel: () => void) {
  const { hasNextPage, isFetching, isPlaceholderData, error, fetchNextPage, pageCount, rowCount } = pages
  const nowMs = useNow()
  const begun = { question, goal: pageSize, startedMs: nowMs, isStopped: false }
  const [run, setRun] = useState<Run>(begun)
  if (run.question !== question) setRun(begun)
  const isOutOfTime = nowMs - run.startedMs > MOST_MS
  const wantsMore = hasNextPage && !isPlaceholderData && rowCount < run.goal && error === null
  const isSearching = wantsMore && !run.isStopped && !isOutOfTime
  useEffect(() => {
    if (isSearching && !isFetching) void fetchNextPage()
  }, [isSearching, isFetching, fetchNextPage, pageCount])
  return {
    isSearching,
    /** Stopped before there was a page of rows, by somebody or by the clock. */
    stoppedBy: !wantsMore ? null : run.isStopped ? 'person' : isOutOfTime ? 'clock' : null,
    stop: () => {
      setRun({ ...run, isStopped: true })
      cancel()
    },
    goOn: () => setRun({ ...run, startedMs: nowMs, isStopped: false }),
    loadMore: () => setRun({ ...run, goal: rowCount + pageSize, startedMs: nowMs, isStopped: false }),
  } as const
}
