'use client'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useMemo, useState } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { LoadMore } from '#ui/load-more.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { ListTable } from '#ui/table/list-table.tsx'
import { useNow } from '#ui/use-now.ts'
import { Fetched } from '#features/failure/fetched.tsx'
import { FLOW_COLUMNS } from '#features/flows/flow-columns.tsx'
import { FlowFilterBar } from '#features/flows/flow-filter-bar.tsx'
import { flowPath } from '#features/flows/flow-path.ts'
import { FLOW_WINDOW_MS, useFlowFilter } from '#features/flows/use-flow-filter.ts'

const MINUTE_MS = 60_000

/** Flows in a window of time, newest first; the window moves along while only its first page is shown. */
export function RecentFlows() {
  const trpc = useTRPC()
  const router = useRouter()
  const [filter] = useFlowFilter()
  const nowMs = useNow()
  const minute = Math.floor(nowMs / MINUTE_MS)
  const [anchor, setAnchor] = useState(0)
  // Clocks of senders may be ahead of ours: the window ends a little after now.
  const toMs = (anchor + 2) * MINUTE_MS
  const flows = useInfiniteQuery({
    ...trpc.flow.list.infiniteQueryOptions(
      {
        id: filter.id === '' ? null : filter.id,
        service: filter.service === '' ? null : filter.service,
        destination: filter.destination === '' ? null : filter.destination,
        status: filter.status,
        minDurationMs: filter.min === null ? null : filter.min * 1000,
        fromMs: toMs - FLOW_WINDOW_MS[filter.window],
        toMs,
        limit: 50,
      },
      { getNextPageParam: (page) => page.nextCursor },
    ),
    enabled: anchor > 0,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 1 ? false : 5000),
    placeholderData: keepPreviousData,
    gcTime: 30_000,
  })
  const pageCount = flows.data?.pages.length ?? 0
  if (minute > 0 && minute !== anchor && pageCount <= 1) setAnchor(minute)
  const rows = useMemo(() => flows.data?.pages.flatMap((page) => page.flows) ?? [], [flows.data])
  const isFiltered =
    filter.id !== '' ||
    filter.service !== '' ||
    filter.destination !== '' ||
    filter.status !== 'all' ||
    filter.min !== null
  return (
    <>
      <FlowFilterBar />
      <Card isFlush>
        <Fetched query={flows} skeleton={<SkeletonRows count={10} label="flows" />}>
          {() =>
            rows.length === 0 ? (
              <NoFlows isFiltered={isFiltered} id={filter.id} />
            ) : (
              <ListTable
                label="Flows"
                columns={FLOW_COLUMNS}
                rows={rows}
                rowId={(flow) => flow.flowKey}
                onOpen={(flow) => router.push(flowPath(flow.flowKey))}
                hasPageKeys
              />
            )
          }
        </Fetched>
      </Card>
      <LoadMore
        shown={rows.length}
        hasMore={flows.hasNextPage}
        isBusy={flows.isFetchingNextPage}
        onMore={() => void flows.fetchNextPage()}
      />
    </>
  )
}

function NoFlows({ isFiltered, id }: { readonly isFiltered: boolean; readonly id: string }) {
  if (id !== '') {
    return (
      <EmptyState title="Nothing is stored under that id in this window">
        Widen the time, or check the id: correlation id, message id and trace id all work, in full.
      </EmptyState>
    )
  }
  if (isFiltered)
    return <EmptyState title="No flow is like that">Widen the filter or the time to see others.</EmptyState>
  return (
    <EmptyState title="No flows yet">
      Point the OpenTelemetry exporter of your services at the collector, port 4318 for HTTP or 4317 for gRPC. The first
      message that is sent and received appears here as a flow.
    </EmptyState>
  )
}
