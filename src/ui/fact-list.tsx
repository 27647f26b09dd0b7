import type { ReactNode } from 'react'

/** Names at the left, values at the right. */
export function FactList({ children }: { readonly children: ReactNode }) {
  return <dl className="grid grid-cols-[minmax(96px,140px)_1fr] gap-x-3 gap-y-1.5">{children}</dl>
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
