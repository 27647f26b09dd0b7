'use client'
import { useRouter } from 'next/navigation'
import { useMemo, useState } from 'react'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { LoadMore } from '#ui/load-more.tsx'
import { Note } from '#ui/note.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { ListTable } from '#ui/table/list-table.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { CompareBar } from '#features/flows/compare-bar.tsx'
import { FLOW_COLUMNS } from '#features/flows/flow-columns.tsx'
import { FlowFilterBar } from '#features/flows/flow-filter-bar.tsx'
import { FlowHistogram } from '#features/flows/flow-histogram.tsx'
import { flowPath } from '#features/flows/flow-path.ts'
import { isFiltered } from '#features/flows/flow-question.ts'
import { SearchProgress } from '#features/flows/search-progress.tsx'
import { tickColumn, toggleTick } from '#features/flows/tick-column.tsx'
import { useFlowFilter } from '#features/flows/use-flow-filter.ts'
import { useFlowSearch } from '#features/flows/use-flow-search.ts'

/** The filter, when the flows began, and the flows, newest first. */
export function RecentFlows() {
  const router = useRouter()
  const [filter] = useFlowFilter()
  const search = useFlowSearch()
  const { flows, rows, isSearching, stoppedBy } = search
  const [ticked, setTicked] = useState<readonly string[]>([])
  const columns = useMemo(
    () => [tickColumn(ticked, (flowKey) => setTicked(toggleTick(ticked, flowKey))), ...FLOW_COLUMNS],
    [ticked],
  )
  return (
    <>
      <FlowFilterBar />
      {search.refusal === null ? (
        <>
          <FlowHistogram search={search} />
          <SearchProgress search={search} />
          {search.isHub && (
            <div className="mb-3">
              <Note tone="warn">
                {filter.id} is on 200 flows or more: it names a tenant or a job rather than one event, and only some of
                them are listed.
              </Note>
            </div>
          )}
          <Card isFlush>
            <Fetched query={flows} skeleton={<SkeletonRows count={10} label="flows" />}>
              {() =>
                rows.length > 0 ? (
                  <ListTable
                    label="Flows"
                    columns={columns}
                    rows={rows}
                    rowId={(flow) => flow.flowKey}
                    onOpen={(flow) => router.push(flowPath(flow.flowKey))}
                    onTick={({ flowKey }) => setTicked(toggleTick(ticked, flowKey))}
                    hasPageKeys
                  />
                ) : isSearching ? (
                  <SkeletonRows count={4} label="flows that are being looked for" />
                ) : stoppedBy === null ? (
                  <NoFlows isFiltered={isFiltered(filter)} id={filter.id} />
                ) : (
                  <EmptyState title="Nothing found so far">
                    Only a part of the time was looked at. Look further, or pick a shorter time.
                  </EmptyState>
                )
              }
            </Fetched>
          </Card>
          <CompareBar ticked={ticked} onClear={() => setTicked([])} />
          {!isSearching && stoppedBy === null && (
            <LoadMore shown={rows.length} pages={{ ...flows, fetchNextPage: search.loadMore }} />
          )}
        </>
      ) : (
        <Note tone="warn" isAlert title="This cannot be looked for">
          {search.refusal}
        </Note>
      )}
    </>
  )
}

function NoFlows({ isFiltered, id }: { readonly isFiltered: boolean; readonly id: string }) {
  if (id !== '') {
    return (
      <EmptyState title="Nothing is stored under that id">
        Check the id: correlation id, message id, trace id and topic/partition/offset all work, in full and at any time.
        The key of a message has a field of its own under More filters.
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
