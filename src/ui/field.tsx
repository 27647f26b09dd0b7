import { useId, type InputHTMLAttributes, type ReactNode, type TextareaHTMLAttributes } from 'react'
import { classNames } from '#ui/class-names.ts'

interface FieldProps {
  readonly label: string
  /** A sentence below the field; `problem` replaces it. */
  readonly hint?: ReactNode
  readonly problem?: string | null | undefined
}

const INPUT =
  'w-full min-w-0 rounded-md border border-line bg-sunken px-2.5 text-base text-ink hover:border-ink-3 disabled:opacity-55 aria-invalid:border-bad'

/** A labelled line of text. */
export function TextField({
  label,
  hint,
  problem,
  className,
  ...rest
}: FieldProps & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId()
  return (
    <div className={classNames('flex min-w-0 flex-col gap-1', className)}>
      <label htmlFor={id} className="text-sm text-ink-2">
        {label}
      </label>
      <input
        {...rest}
        id={id}
        aria-invalid={problem ? true : undefined}
        aria-describedby={`${id}-hint`}
        className={classNames(INPUT, 'h-8')}
      />
      <Hint id={`${id}-hint`} hint={hint} problem={problem} />
    </div>
  )
}

/** A labelled box of text. */
export function TextAreaField({
  label,
  hint,
  problem,
  className,
  ...rest
}: FieldProps & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId()
  return (
    <div className={classNames('flex min-w-0 flex-col gap-1', className)}>
      <label htmlFor={id} className="text-sm text-ink-2">
        {label}
      </label>
      <textarea
        rows={2}
        {...rest}
        id={id}
        aria-invalid={problem ? true : undefined}
        aria-describedby={`${id}-hint`}
        className={classNames(INPUT, 'py-1.5')}
      />
      <Hint id={`${id}-hint`} hint={hint} problem={problem} />
    </div>
  )
}

function Hint({
  id,
  hint,
  problem,
}: {
  readonly id: string
  readonly hint: ReactNode
  readonly problem: FieldProps['problem']
}) {
  return (
    <div id={id} aria-live="polite" className={classNames('text-sm', problem ? 'text-bad' : 'text-ink-3')}>
      {problem ?? hint}
    </div>
  )
}
