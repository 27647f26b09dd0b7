'use client'
import { useId, type ReactNode } from 'react'
import { classNames } from '#ui/class-names.ts'

interface CornerPopoverProps {
  /** What the button shows; its text is its name. */
  readonly trigger: ReactNode
  readonly triggerClassName: string
  /** Names the box that opens. */
  readonly label: string
  /** Where on the screen it opens: `top-[50px] right-5`. */
  readonly place: string
  /** Gets the id of the box: a button with it as `popoverTarget` and the action `hide` closes it. */
  readonly children: (id: string) => ReactNode
}

/**
 * A box that opens from a button in a corner of the screen, by the browser's own popover: Escape and a press elsewhere
 * close it, the focus returns, and no script positions it.
 */
export function CornerPopover({ trigger, triggerClassName, label, place, children }: CornerPopoverProps) {
  const id = useId()
  return (
    <>
      <button type="button" popoverTarget={id} className={triggerClassName}>
        {trigger}
      </button>
      <section
        id={id}
        popover="auto"
        aria-label={label}
        className={classNames('fixed inset-auto m-0 rounded-lg border border-line bg-panel p-0 text-ink', place)}
      >
        {children(id)}
      </section>
    </>
  )
}
