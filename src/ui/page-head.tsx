import type { ReactNode } from 'react'

interface PageHeadProps {
  readonly title: ReactNode
  /** Where it belongs: links with slashes. */
  readonly trail?: ReactNode
  readonly mark?: ReactNode
  /** One sentence that says how things are. */
  readonly sentence?: ReactNode
  readonly actions?: ReactNode
}

/** Name, state and acts of a page. */
export function PageHead({ title, trail, mark, sentence, actions }: PageHeadProps) {
  return (
    <header className="mb-3.5">
      <div className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1.5">
        <div className="flex min-w-0 flex-wrap items-center gap-x-2.5 gap-y-1">
          {trail !== undefined && <span className="text-ink-3">{trail}</span>}
          <h1 className="min-w-0 text-xl font-semibold wrap-anywhere-safe">{title}</h1>
          {mark}
        </div>
        {actions !== undefined && <div className="flex flex-wrap items-center gap-2 sm:ml-auto">{actions}</div>}
      </div>
      {sentence !== undefined && <p className="mt-0.5 max-w-[110ch] text-ink-2 wrap-anywhere-safe">{sentence}</p>}
    </header>
  )
}
