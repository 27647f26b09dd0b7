import type { ReactNode } from 'react'

/** One key on a keyboard. */
export function Kbd({ children }: { readonly children: ReactNode }) {
  return (
    <kbd className="inline-flex h-[18px] min-w-[18px] items-center justify-center rounded-sm border border-line px-1 font-sans text-xs text-ink-3">
      {children}
    </kbd>
  )
}
