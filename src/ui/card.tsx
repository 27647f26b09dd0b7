import type { ReactNode } from 'react'
import { classNames } from '#ui/class-names.ts'

interface CardProps {
  readonly title?: ReactNode
  /** Said at the right of the title: what the figures mean, how they are ordered. */
  readonly note?: ReactNode
  readonly children: ReactNode
  readonly className?: string
  /** Tables touch the border; everything else keeps a margin. */
  readonly isFlush?: boolean
}

export function Card({ title, note, children, className, isFlush = false }: CardProps) {
  return (
    <section className={classNames('min-w-0 overflow-hidden rounded-lg border border-line bg-panel', className)}>
      {title !== undefined && (
        <header className="flex min-h-10 flex-wrap items-center justify-between gap-x-3 border-b border-line-soft px-3.5 py-2">
          <h2 className="text-base font-semibold">{title}</h2>
          {note !== undefined && <span className="text-sm text-ink-3">{note}</span>}
        </header>
      )}
      <div className={isFlush ? '[&>[data-notice]]:m-3' : 'px-3.5 py-3'}>{children}</div>
    </section>
  )
}
