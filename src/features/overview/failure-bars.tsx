'use client'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { SegmentBar } from '#ui/charts/segment-bar.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { formatCount } from '#ui/format/number.ts'
import { TextLink } from '#ui/text-link.tsx'
import { deadLetterPath } from '#features/dead-letters/dead-letter-path.ts'

type Failures = RouterOutputs['overview']['summary']['failures']

/** The most frequent causes, each with its share of all open dead letters. */
export function FailureBars({ failures, total }: { readonly failures: Failures; readonly total: number }) {
  if (failures.length === 0) {
    return <EmptyState title="No open dead letters">What consumers give up on is grouped here by its cause.</EmptyState>
  }
  return (
    <ul className="flex flex-col gap-2.5">
      {failures.map((failure) => (
        <li key={failure.fingerprint}>
          <div className="mb-1 flex items-baseline gap-3">
            <span className="min-w-0 truncate" title={failure.title}>
              <TextLink href={deadLetterPath(failure.fingerprint)} isMono>
                {failure.title}
              </TextLink>
            </span>
            <span className="ml-auto">{formatCount(failure.count)}</span>
          </div>
          <SegmentBar
            label={`${failure.count} of ${total}`}
            total={total}
            segments={[{ id: 'count', label: formatCount(failure.count), size: failure.count, className: 'bg-bad' }]}
          />
        </li>
      ))}
    </ul>
  )
}
