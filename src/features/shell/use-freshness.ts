'use client'
import { useQueryClient, type Query } from '@tanstack/react-query'
import { useCallback, useSyncExternalStore } from 'react'
import { failureOf } from '#features/failure/failure-of.ts'

/**
 * How fresh the facts on the page are, over all queries that are shown: `live:<ms>` with the time of the oldest one,
 * `stale:<ms>` since the oldest that could not be renewed, `loading` before the first answer.
 */
export type Freshness = `live:${number}` | `stale:${number}` | 'loading'

/** Facts that renew themselves; what is asked once (a payload, a span) does not grow stale. */
const isRenewed = (query: Query): boolean =>
  query.observers.some((observer) => Boolean(observer.options.refetchInterval)) && query.isActive()

/** That something is not there, or not allowed, is an answer like any other. */
const DECISIONS: readonly string[] = ['not-found', 'forbidden', 'invalid']
const isDecided = ({ state }: Query): boolean => state.error !== null && DECISIONS.includes(failureOf(state.error).code)

export function readFreshness(queries: readonly Query[]): Freshness {
  const shown = queries.filter(isRenewed)
  const failed = shown.filter(
    (query) => (query.state.status === 'error' || query.state.fetchFailureCount > 0) && !isDecided(query),
  )
  if (failed.length > 0) return `stale:${Math.min(...failed.map((query) => query.state.dataUpdatedAt))}`
  const times = shown
    .map((query) => (isDecided(query) ? query.state.errorUpdatedAt : query.state.dataUpdatedAt))
    .filter((atMs) => atMs > 0)
  return times.length === 0 ? 'loading' : `live:${Math.min(...times)}`
}

export function useFreshness(): Freshness {
  const cache = useQueryClient().getQueryCache()
  const subscribe = useCallback((listener: () => void) => cache.subscribe(listener), [cache])
  return useSyncExternalStore(
    subscribe,
    () => readFreshness(cache.getAll()),
    () => 'loading',
  )
}
