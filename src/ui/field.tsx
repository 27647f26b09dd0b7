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
  return (
    <Labelled label={label} hint={hint} problem={problem} className={className}>
      {(wiring) => <input {...rest} {...wiring} className={classNames(INPUT, 'h-8')} />}
    </Labelled>
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
  return (
    <Labelled label={label} hint={hint} problem={problem} className={className}>
      {(wiring) => <textarea rows={2} {...rest} {...wiring} className={classNames(INPUT, 'py-1.5')} />}
    </Labelled>
  )
}

interface LabelledProps extends FieldProps {
  readonly className: string | undefined
  readonly children: (wiring: {
    readonly id: string
    readonly 'aria-invalid': true | undefined
    readonly 'aria-describedby': string
  }) => ReactNode
}

/** Label above and hint below, both tied to what is between them. */
function Labelled({ label, hint, problem, className, children }: LabelledProps) {
  const id = useId()
  return (
    <div className={classNames('flex min-w-0 flex-col gap-1', className)}>
      <label htmlFor={id} className="text-sm text-ink-2">
        {label}
      </label>
      {children({ id, 'aria-invalid': problem ? true : undefined, 'aria-describedby': `${id}-hint` })}
      <div id={`${id}-hint`} aria-live="polite" className={classNames('text-sm', problem ? 'text-bad' : 'text-ink-3')}>
        {problem ?? hint}
      </div>
    </div>
  )
}
