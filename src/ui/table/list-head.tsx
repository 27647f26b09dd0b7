'use client'
import type { SortingState } from '@tanstack/react-table'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { classNames } from '#ui/class-names.ts'
import type { ListColumn } from '#ui/table/list-column.ts'

interface ListHeadProps<Row> {
  readonly columns: readonly ListColumn<Row>[]
  readonly sorting: SortingState
  readonly onSort: (sorting: SortingState) => void
}

/** Each press goes on: downwards, upwards, as the server ordered it. */
export function nextSorting(sorting: SortingState, id: string): SortingState {
  const current = sorting.find((entry) => entry.id === id)
  if (current === undefined) return [{ id, desc: true }]
  return current.desc ? [{ id, desc: false }] : []
}

/** The head of a list; columns that can be sorted are buttons. */
export function ListHead<Row>({ columns, sorting, onSort }: ListHeadProps<Row>) {
  return (
    <thead>
      <tr className="border-b border-line-soft">
        {columns.map((column) => {
          const sorted = sorting.find((entry) => entry.id === column.id)
          return (
            <th
              key={column.id}
              scope="col"
              aria-sort={sorted === undefined ? undefined : sorted.desc ? 'descending' : 'ascending'}
              className={classNames(
                'h-8 px-3 text-sm font-medium whitespace-nowrap text-ink-3 first:pl-3.5 last:pr-3.5',
                column.isNumeric && 'text-right',
                column.className,
              )}
            >
              {column.isHeaderHidden ? (
                <span className="sr-only">{column.header}</span>
              ) : column.sortBy === undefined ? (
                column.header
              ) : (
                <button
                  type="button"
                  onClick={() => onSort(nextSorting(sorting, column.id))}
                  className="inline-flex items-center gap-1 rounded-sm hover:text-ink"
                >
                  {column.header}
                  {sorted !== undefined &&
                    (sorted.desc ? (
                      <ArrowDown size={11} aria-hidden="true" />
                    ) : (
                      <ArrowUp size={11} aria-hidden="true" />
                    ))}
                </button>
              )}
            </th>
          )
        })}
      </tr>
    </thead>
  )
}
