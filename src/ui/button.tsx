import type { ButtonHTMLAttributes, ReactNode } from 'react'
import { buttonClass, type ButtonKind, type ButtonSize } from '#ui/button-class.ts'
import { classNames } from '#ui/class-names.ts'

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly kind?: ButtonKind
  readonly size?: ButtonSize
  /** Shows that the act is under way and keeps a second press from doing it again. */
  readonly isBusy?: boolean
  readonly icon?: ReactNode
}

export function Button({ kind = 'plain', size = 'normal', isBusy = false, icon, className, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled === true || isBusy}
      aria-busy={isBusy || undefined}
      className={classNames(buttonClass(kind, size), className)}
    >
      {icon}
      {rest.children}
    </button>
  )
}
