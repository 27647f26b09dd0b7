'use client'
import { useQuery } from '@tanstack/react-query'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { FilterChips } from '#ui/filter-chips.tsx'
import { formatCount, formatPlural } from '#ui/format/number.ts'
import { Skeleton } from '#ui/skeleton.tsx'
import { ListTable } from '#ui/table/list-table.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { edgeRows, EDGE_COLUMNS } from '#features/flows/message-edge-columns.tsx'
import { MessageMap } from '#features/flows/message-map.tsx'

const VIEWS = [
  { id: 'map', label: 'Map' },
  { id: 'table', label: 'Table' },
] as const
const FRAME = 'h-[340px] sm:h-[520px] sm:max-h-[70vh]'

interface FlowGraphProps {
  readonly asked: string
  readonly openRowId: string | null
  readonly onOpen: (rowId: string) => void
}

/** The flow message by message, as a map or as a table of its edges. */
export function FlowGraph({ asked, openRowId, onOpen }: FlowGraphProps) {
  const trpc = useTRPC()
  const [as, setAs] = useQueryState('as', parseAsStringLiteral(['map', 'table']).withDefault('map'))
  const graph = useQuery({ ...trpc.flow.graph.queryOptions({ flowKey: asked }), refetchInterval: 5_000 })
  return (
    <Fetched query={graph} skeleton={<Skeleton className={FRAME} />}>
      {(found) =>
        found.nodes.length === 0 ? (
          <EmptyState title="No messages">No message of this flow was seen leaving or arriving.</EmptyState>
        ) : (
          <>
            <div className="mb-2 flex flex-wrap items-center gap-x-4 gap-y-1">
              <FilterChips
                label="Form of the message graph"
                chips={VIEWS}
                value={as}
                onChange={(id) => void setAs(VIEWS.find((one) => one.id === id)?.id ?? null)}
              />
              <Legend />
            </div>
            <Card isFlush>
              {as === 'table' ? (
                <ListTable
                  label="Steps of the messages"
                  columns={EDGE_COLUMNS}
                  rows={edgeRows(found)}
                  rowId={(row) => row.edge.id}
                  onOpen={({ rowId }) => rowId !== null && onOpen(rowId)}
                />
              ) : (
                <MessageMap graph={found} className={FRAME} openRowId={openRowId} onOpen={onOpen} />
              )}
            </Card>
            {found.omittedMessageCount > 0 && (
              <p className="mt-2 text-sm text-ink-3">
                The first of {formatPlural(found.messageCount, 'message')}; {formatCount(found.omittedMessageCount)} are
                not drawn. The Hops tab has all.
              </p>
            )}
          </>
        )
      }
    </Fetched>
  )
}

/** How lines tell how sure a step is. */
function Legend() {
  return (
    <span className="flex flex-wrap gap-x-4 gap-y-1 text-sm text-ink-3">
      <span>
        <Sample /> certain
      </span>
      <span>
        <Sample dash="6 3" /> likely
      </span>
      <span>
        <Sample dash="1.5 3" /> one of several outputs of a batch
      </span>
    </span>
  )
}

function Sample({ dash }: { readonly dash?: string }) {
  return (
    <svg width={26} height={8} aria-hidden="true" className="mr-1 inline-block align-middle">
      <path d="M0 4H26" fill="none" strokeWidth={1.5} strokeDasharray={dash} className="stroke-ink-2" />
    </svg>
  )
}
