'use client'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { formatCount } from '#ui/format/number.ts'
import { SkeletonRows } from '#ui/skeleton.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { ListTable } from '#ui/table/list-table.tsx'
import type { FailureGroup } from '#features/dead-letters/redrive-readiness.ts'
import { useDeadLetterView } from '#features/dead-letters/use-dead-letter-view.ts'
import { Fetched, type FetchedProps } from '#features/failure/fetched.tsx'

interface FailureGroupsProps {
  readonly groups: FetchedProps<RouterOutputs['deadLetter']['groups']>['query']
  readonly columns: readonly ListColumn<FailureGroup>[]
}

/** The failure groups, the largest first; one of them can be open. */
export function FailureGroups({ groups, columns }: FailureGroupsProps) {
  const [view, setView] = useDeadLetterView()
  return (
    <>
      <Card isFlush>
        <Fetched query={groups} skeleton={<SkeletonRows count={4} label="failure groups" />}>
          {(found) =>
            found.groups.length === 0 ? (
              <NoGroups state={view.state} isFiltered={view.q !== ''} />
            ) : (
              <ListTable
                label="Failure groups"
                columns={columns}
                rows={found.groups}
                rowId={(group) => group.fingerprint}
                openId={view.fingerprint}
                onOpen={(group) =>
                  void setView({
                    fingerprint: group.fingerprint,
                    id: null,
                    redrive: null,
                    discard: null,
                    only: null,
                    find: null,
                  })
                }
                onClose={() => void setView({ fingerprint: null })}
                hasPageKeys={view.fingerprint === null}
              />
            )
          }
        </Fetched>
      </Card>
      {groups.data !== undefined && groups.data.groupCount > groups.data.groups.length && (
        <p className="mt-2 text-sm text-ink-3">
          The {formatCount(groups.data.groups.length)} largest groups are listed; filter to see others.
        </p>
      )}
    </>
  )
}

function NoGroups({ state, isFiltered }: { readonly state: string; readonly isFiltered: boolean }) {
  if (isFiltered) return <EmptyState title="No failure is called that">Widen the filter to see the others.</EmptyState>
  return (
    <EmptyState title={state === 'open' ? 'No open dead letters' : `Nothing is ${state}`}>
      {state === 'open'
        ? 'The collector finds dead-letter topics and queues by their configuration, their name and the headers in them; what lands there appears here within seconds.'
        : 'Dead letters come here when they leave the inbox that way.'}
    </EmptyState>
  )
}
