import { classNames } from '#ui/class-names.ts'

interface CodeBoxProps {
  readonly text: string
  readonly label: string
  /** Long lines wrap unless the columns matter. */
  readonly isWrapped?: boolean
  readonly className?: string
}

/** Foreign text as it is: nothing in it is markup. Scrolls inside itself; reachable by keyboard. */
export function CodeBox({ text, label, isWrapped = true, className }: CodeBoxProps) {
  return (
    <section
      aria-label={label}
      // A region that scrolls must be reachable by keyboard
      tabIndex={0}
      className={classNames('overflow-auto rounded-md border border-line bg-sunken', className)}
    >
      <pre
        className={classNames('px-2.5 py-2 font-mono text-sm', isWrapped && 'whitespace-pre-wrap wrap-anywhere-safe')}
      >
        {text}
      </pre>
    </section>
  )
}
