'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useMemo } from 'react'
import { keepNodes } from '#domain/topology/filter-by-path.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { EmptyState } from '#ui/empty-state.tsx'
import { Skeleton } from '#ui/skeleton.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { TopologyMap } from '#features/topology/topology-map.tsx'
import { topologyPath } from '#features/topology/topology-path.ts'
import type { TopologyAnswer } from '#features/topology/topology-graph.ts'

const FRAME = 'h-72'
const WINDOW_MS = 300_000

/** The topology of now, small; a click opens the node on its page. */
export function TopologyCard() {
  const trpc = useTRPC()
  const router = useRouter()
  const topology = useQuery({
    ...trpc.topology.get.queryOptions({ windowMs: WINDOW_MS, endMs: null }),
    refetchInterval: 10_000,
    placeholderData: keepPreviousData,
  })
  const calm = useMemo(() => topology.data && leaveOutEmpty(topology.data), [topology.data])
  return (
    <Fetched
      query={topology}
      skeleton={
        <div className={`${FRAME} p-4`}>
          <Skeleton className="h-full" />
        </div>
      }
    >
      {(answer) =>
        calm === undefined || calm.nodes.length === 0 ? (
          <EmptyState title="Nothing to draw yet">Services appear here as soon as they send spans.</EmptyState>
        ) : (
          <TopologyMap
            graph={calm}
            className={FRAME}
            isCompact
            openId={null}
            isPresent
            nowMs={answer.nowMs}
            onOpen={(id) => router.push(topologyPath(id))}
          />
        )
      }
    </Fetched>
  )
}

/** Places for dead letters in which none lies say nothing here. */
function leaveOutEmpty(answer: TopologyAnswer) {
  const full = answer.nodes.filter((node) => node.kind !== 'dead-letters' || node.openDeadLetterCount !== 0)
  return keepNodes(answer, new Set(full.map((node) => node.id)))
}
