import type { ReactNode } from 'react'

interface FactListProps {
  readonly children: ReactNode
  /** For names that machines gave. */
  readonly isWide?: boolean
}

/** Names at the left, values at the right. */
export function FactList({ children, isWide = false }: FactListProps) {
  const columns = isWide ? 'grid-cols-[minmax(96px,190px)_1fr]' : 'grid-cols-[minmax(96px,140px)_1fr]'
  return <dl className={`grid gap-x-3 gap-y-1.5 ${columns}`}>{children}</dl>
}

/** One line of a {@link FactList}. Long values wrap, they are never cut. */
export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3 wrap-anywhere-safe">{name}</dt>
      <dd className="min-w-0 wrap-anywhere-safe">{children}</dd>
    </>
  )
}
