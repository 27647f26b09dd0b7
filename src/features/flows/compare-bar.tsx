'use client'
import Link from 'next/link'
import { Button } from '#ui/button.tsx'
import { buttonClass } from '#ui/button-class.ts'
import { comparePath } from '#features/compare/compare-path.ts'

interface CompareBarProps {
  readonly ticked: readonly string[]
  readonly onClear: () => void
}

/** What is ticked, and the way to lay it over each other; it stays in sight below a long list. */
export function CompareBar({ ticked, onClear }: CompareBarProps) {
  const [left, right] = ticked
  if (left === undefined) return null
  return (
    <section
      aria-label="Flows to compare"
      className="sticky bottom-3 z-10 mx-auto mt-3 flex w-fit max-w-full flex-wrap items-center gap-2 rounded-lg border border-line bg-panel-2 py-2 pr-2 pl-3.5 max-sm:bottom-16"
    >
      <span className="min-w-0 text-ink-2 wrap-anywhere-safe">
        <span className="font-mono text-sm text-ink">{left}</span>
        {right === undefined ? (
          ' and another: tick it'
        ) : (
          <>
            {' and '}
            <span className="font-mono text-sm text-ink">{right}</span>
          </>
        )}
      </span>
      {right !== undefined && (
        <Link
          href={comparePath({ kind: 'flow', flowKey: left }, { kind: 'flow', flowKey: right })}
          prefetch={false}
          className={buttonClass('primary', 'small')}
        >
          Compare
        </Link>
      )}
      <Button kind="bare" size="small" onClick={onClear}>
        Clear
      </Button>
    </section>
  )
}
