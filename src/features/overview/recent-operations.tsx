'use client'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { EmptyState } from '#ui/empty-state.tsx'
import { formatPlural } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import { TextLink } from '#ui/text-link.tsx'
import { operationPath } from '#features/operations/operation-path.ts'
import { operationName, operationWords } from '#features/operations/operation-words.ts'

type Operations = RouterOutputs['overview']['summary']['recentOperations']

export function RecentOperations({ operations }: { readonly operations: Operations }) {
  if (operations.length === 0) {
    return (
      <EmptyState title="No operations yet">
        A redrive or a discard starts from a failure group on the Dead letters page and is recorded here.
      </EmptyState>
    )
  }
  return (
    <ul className="divide-y divide-line-soft">
      {operations.map((operation) => {
        const { word, tone } = operationWords(operation.state, operation.intent, operation.kind)
        return (
          <li key={operation.id} className="flex items-center gap-3 px-3.5 py-2">
            <span className="w-24 shrink-0">
              <StateMark tone={tone}>{word}</StateMark>
            </span>
            <div className="min-w-0">
              <div className="truncate">
                <TextLink href={operationPath(operation.id)}>{operationName(operation.number)}</TextLink>{' '}
                {operation.kind} {formatPlural(operation.itemCount, 'message')} of {operation.source}
              </div>
              <div className="truncate text-sm text-ink-3">
                “{operation.reason}” · {operation.createdByName}
              </div>
            </div>
            <span className="ml-auto text-sm text-ink-3">
              <MomentText atMs={operation.createdAtMs} />
            </span>
          </li>
        )
      })}
    </ul>
  )
}
