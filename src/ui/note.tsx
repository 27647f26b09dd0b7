import type { ReactNode } from 'react'
import { classNames } from '#ui/class-names.ts'
import { StateShape } from '#ui/state-shape.tsx'
import type { Tone } from '#ui/tone.ts'

type NoteTone = Extract<Tone, 'ok' | 'warn' | 'bad' | 'active' | 'unknown'>

const LOOK: Readonly<Record<NoteTone, string>> = {
  ok: 'border-line bg-ok-weak',
  warn: 'border-warn-line bg-warn-weak',
  bad: 'border-bad-line bg-bad-weak',
  active: 'border-replay-line bg-replay-weak',
  unknown: 'border-line bg-panel-2',
}

interface NoteProps {
  readonly tone: NoteTone
  readonly title?: ReactNode
  readonly children?: ReactNode
  readonly action?: ReactNode
  /** An alert is read out at once by a screen reader. */
  readonly isAlert?: boolean
}

/** A framed sentence about the thing beside it. */
export function Note({ tone, title, children, action, isAlert = false }: NoteProps) {
  return (
    <div
      role={isAlert ? 'alert' : undefined}
      className={classNames('flex items-start gap-2.5 rounded-md border px-3 py-2', LOOK[tone])}
    >
      <span className="mt-1.5">
        <StateShape tone={tone} />
      </span>
      <div className="min-w-0 flex-1 wrap-anywhere-safe">
        {title !== undefined && <div className="font-semibold">{title}</div>}
        {children !== undefined && <div className="text-ink-2">{children}</div>}
      </div>
      {action}
    </div>
  )
}
