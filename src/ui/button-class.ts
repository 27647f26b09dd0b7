import { classNames } from '#ui/class-names.ts'

export type ButtonKind = 'plain' | 'primary' | 'danger' | 'bare'
export type ButtonSize = 'normal' | 'small'

const KIND: Readonly<Record<ButtonKind, string>> = {
  plain: 'border-line bg-panel-2 text-ink hover:border-ink-3',
  primary: 'border-accent bg-accent font-semibold text-on-accent hover:brightness-110',
  danger: 'border-bad-line bg-transparent text-bad hover:bg-bad-weak',
  bare: 'border-transparent bg-transparent text-ink-2 hover:bg-panel-2 hover:text-ink',
}

const SIZE: Readonly<Record<ButtonSize, string>> = {
  normal: 'h-8 px-3 text-base',
  small: 'h-6 px-2 text-sm',
}

/** The look of a button, also for links that act like one. */
export function buttonClass(kind: ButtonKind = 'plain', size: ButtonSize = 'normal'): string {
  return classNames(
    'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border whitespace-nowrap select-none',
    'transition-colors duration-100 disabled:cursor-not-allowed disabled:opacity-55',
    KIND[kind],
    SIZE[size],
  )
}
