import type { ReactNode } from 'react'

interface EmptyStateProps {
  readonly title: string
  /** What would be here and how to get it. */
  readonly children: ReactNode
  readonly action?: ReactNode
}

export function EmptyState({ title, children, action }: EmptyStateProps) {
  return (
    <div className="mx-auto flex max-w-lg flex-col items-center gap-1 px-6 py-12 text-center">
      <h3 className="font-semibold">{title}</h3>
      <div className="text-ink-2 [&_a]:underline">{children}</div>
      {action !== undefined && <div className="mt-3 flex gap-2">{action}</div>}
    </div>
  )
}
