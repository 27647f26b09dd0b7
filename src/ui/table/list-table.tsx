'use client'
import {
  createSortedRowModel,
  rowSortingFeature,
  sortFn_basic,
  tableFeatures,
  useTable,
  type ColumnDef,
  type SortingState,
} from '@tanstack/react-table'
import { useMemo, useState } from 'react'
import { classNames } from '#ui/class-names.ts'
import { ListHead } from '#ui/table/list-head.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { useListKeys } from '#ui/table/use-list-keys.ts'

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { basic: sortFn_basic },
})

interface ListTableProps<Row> {
  /** Names the table for a screen reader. */
  readonly label: string
  readonly columns: readonly ListColumn<Row>[]
  readonly rows: readonly Row[]
  readonly rowId: (row: Row) => string
  /** Opens the details of a row; without it rows are not interactive. */
  readonly onOpen?: (row: Row) => void
  readonly onClose?: () => void
  /** Ticks the row, for lists whose rows can be picked. */
  readonly onTick?: (row: Row) => void
  readonly openId?: string | null
  /** The list that j and k walk; at most one on a page. */
  readonly hasPageKeys?: boolean
}

const NOTHING = () => undefined

/** A dense table whose rows open by pointer or by keyboard. */
export function ListTable<Row extends object>({
  label,
  columns,
  rows,
  rowId,
  onOpen,
  onClose = NOTHING,
  onTick,
  openId = null,
  hasPageKeys = false,
}: ListTableProps<Row>) {
  const [sorting, setSorting] = useState<SortingState>([])
  const definitions = useMemo(() => columns.map((column) => toDefinition(column)), [columns])
  const data = useMemo(() => [...rows], [rows])
  const table = useTable({
    features,
    columns: definitions,
    data,
    getRowId: rowId,
    state: { sorting },
    onSortingChange: setSorting,
  })
  const shown = table.getRowModel().rows
  const ids = useMemo(() => shown.map((row) => row.id), [shown])
  const open = (id: string) => {
    const row = shown.find((candidate) => candidate.id === id)
    if (row !== undefined) onOpen?.(row.original)
  }
  const tick = (id: string) => {
    const row = shown.find((candidate) => candidate.id === id)
    if (row !== undefined) onTick?.(row.original)
  }
  const cursorId = useListKeys({
    ids,
    openId,
    onOpen: open,
    onClose,
    onTick: onTick && tick,
    isOn: hasPageKeys && onOpen !== undefined,
  })
  return (
    // Rows that do nothing take no focus: then the box itself has to, or the keyboard could not scroll it sideways.
    <div className="@container overflow-x-auto" tabIndex={onOpen ? undefined : 0}>
      <table aria-label={label} className="w-full border-collapse text-left">
        <ListHead columns={columns} sorting={sorting} onSort={setSorting} />
        <tbody>
          {shown.map((row) => (
            <tr
              key={row.id}
              data-row-id={row.id}
              aria-current={row.id === openId ? 'true' : undefined}
              tabIndex={onOpen ? 0 : undefined}
              onClick={(event) => !isControl(event.target) && onOpen?.(row.original)}
              onKeyDown={(event) =>
                event.key === 'Enter' && event.target === event.currentTarget && onOpen?.(row.original)
              }
              className={classNames(
                'border-b border-line-soft -outline-offset-2 last:border-0',
                onOpen && 'cursor-pointer hover:bg-panel-2/60',
                row.id === openId && 'bg-accent-weak hover:bg-accent-weak',
                row.id === cursorId && row.id !== openId && 'bg-panel-2',
              )}
            >
              {columns.map((column) => (
                <td
                  key={column.id}
                  className={classNames(
                    'px-3 py-2 align-middle first:pl-3.5 last:pr-3.5',
                    column.isNumeric && 'text-right',
                    column.className,
                  )}
                >
                  {column.cell(row.original)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** A link or button inside a row does its own thing. */
function isControl(target: EventTarget): boolean {
  return target instanceof Element && target.closest('a, button, input, label') !== null
}

function toDefinition<Row extends object>(column: ListColumn<Row>): ColumnDef<typeof features, Row> {
  const { id, header, sortBy } = column
  if (sortBy === undefined) return { id, header }
  return { id, header, accessorFn: sortBy, sortFn: 'basic' }
}
