'use client'
import type { ComponentProps, ReactNode } from 'react'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { ListTable } from '#ui/table/list-table.tsx'
import type { OpenRow } from '#ui/table/use-open-row.ts'
import { Fetched, type FetchedProps } from '#features/failure/fetched.tsx'

interface FetchedListProps<Fact, Row extends object> extends Omit<ComponentProps<typeof ListTable<Row>>, 'rows'> {
  readonly query: FetchedProps<Fact>['query']
  readonly rowsOf: (fact: Fact) => readonly Row[]
  readonly title?: ReactNode
  readonly note?: ReactNode
  /** How many rows the skeleton has: about as many as are expected. */
  readonly expected: number
  /** Rows open their details beside the list; it is then the one that j and k walk. */
  readonly details?: OpenRow
  /** What stands here when there is nothing, and how to get it. */
  readonly empty: { readonly title: string; readonly text: ReactNode }
}

/** A list in its card, in each of its states: loading, failed, empty, there. */
export function FetchedList<Fact, Row extends object>({
  query,
  rowsOf,
  title,
  note,
  expected,
  details,
  empty,
  ...table
}: FetchedListProps<Fact, Row>) {
  return (
    <Card title={title} note={note} isFlush>
      <Fetched query={query} skeleton={<SkeletonRows count={expected} label={table.label.toLowerCase()} />}>
        {(fact) => {
          const rows = rowsOf(fact)
          return rows.length === 0 ? (
            <EmptyState title={empty.title}>{empty.text}</EmptyState>
          ) : (
            <ListTable
              {...table}
              {...(details && {
                openId: details.openId,
                onOpen: (row: Row) => details.open(table.rowId(row)),
                onClose: details.close,
                hasPageKeys: true,
              })}
              rows={rows}
            />
          )
        }}
      </Fetched>
    </Card>
  )
}
