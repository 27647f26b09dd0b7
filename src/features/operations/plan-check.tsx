import type { ReactNode } from 'react'
import { StateMark } from '#ui/state-mark.tsx'

interface PlanCheckProps {
  readonly isFine: boolean
  readonly name: string
  readonly children: ReactNode
}

/** One thing that the dry run looked at, in a list of such. */
export function PlanCheck({ isFine, name, children }: PlanCheckProps) {
  return (
    <li className="flex flex-wrap items-center gap-x-2.5 gap-y-0.5">
      <StateMark tone={isFine ? 'ok' : 'warn'}>{name}</StateMark>
      <span className="min-w-0 text-ink-2 wrap-anywhere-safe">{children}</span>
    </li>
  )
}
