'use client'
import type { ReactNode } from 'react'
import { formatClock } from '#ui/format/moment.ts'
import { Note } from '#ui/note.tsx'
import { FailureNote } from '#features/failure/failure-note.tsx'
import { failureOf } from '#features/failure/failure-of.ts'
import { wordsOf } from '#features/failure/failure-words.ts'

/** The part of a query's result that is needed here. */
interface QueryState<Fact> {
  readonly data: Fact | undefined
  readonly error: unknown
  readonly dataUpdatedAt: number
  readonly refetch: () => unknown
}

export interface FetchedProps<Fact> {
  readonly query: QueryState<Fact>
  /** The shape of what comes. */
  readonly skeleton: ReactNode
  readonly children: (fact: Fact) => ReactNode
}

/** Never blank, never lying: the skeleton, then the facts; when renewing fails, the last facts and since when they are old. */
export function Fetched<Fact>({ query, skeleton, children }: FetchedProps<Fact>) {
  const { data, error, dataUpdatedAt, refetch } = query
  if (data === undefined) {
    if (error === null || error === undefined) return skeleton
    return (
      <div data-notice="">
        <FailureNote error={error} onRetry={() => void refetch()} />
      </div>
    )
  }
  return (
    <>
      {error !== null && error !== undefined && (
        <div data-notice="" className="mb-3">
          <Note tone="warn" isAlert title={`Not renewed since ${formatClock(dataUpdatedAt)}`}>
            {wordsOf(failureOf(error)).title}. Below is what was known then.
          </Note>
        </div>
      )}
      {children(data)}
    </>
  )
}
