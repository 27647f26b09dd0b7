import type { ReactNode } from 'react'
import { classNames } from '#ui/class-names.ts'
import { StateShape } from '#ui/state-shape.tsx'
import { TONE_BACKGROUND, TONE_TEXT, type Tone } from '#ui/tone.ts'

interface StateMarkProps {
  readonly tone: Tone
  readonly children: ReactNode
  /** A quiet mark has no background: for lists where every row has one. */
  readonly isQuiet?: boolean
  readonly title?: string | undefined
}

/** A state as shape, word and colour. */
export function StateMark({ tone, children, isQuiet = false, title }: StateMarkProps) {
  return (
    <span
      title={title}
      className={classNames(
        'inline-flex max-w-full items-center gap-1.5 text-sm whitespace-nowrap',
        TONE_TEXT[tone],
        !isQuiet && 'rounded-full py-px pr-2 pl-1.5',
        !isQuiet && TONE_BACKGROUND[tone],
      )}
    >
      <StateShape tone={tone} />
      <span className="truncate">{children}</span>
    </span>
  )
}
