import type { ReactNode } from 'react'

/** One column of a list. */
export interface ListColumn<Row> {
  readonly id: string
  readonly header: string
  /** The header is there for a screen reader only. */
  readonly isHeaderHidden?: boolean
  readonly cell: (row: Row) => ReactNode
  readonly isNumeric?: boolean
  /** Only for lists that are complete in the browser: sorting one page of many would lie. */
  readonly sortBy?: (row: Row) => string | number
  /** Width, and from which width of the table on the column is shown: `w-24 hidden @2xl:table-cell`. */
  readonly className?: string
}
