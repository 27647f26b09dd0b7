'use client'
import { EmptyState } from '#ui/empty-state.tsx'
import { MomentText } from '#ui/moment-text.tsx'
import type { OperationDetail } from '#features/operations/operation-counts.ts'

/** Every change of state, who made it and why. */
export function TransitionList({ transitions }: { readonly transitions: OperationDetail['transitions'] }) {
  if (transitions.length === 0) {
    return (
      <EmptyState title="Nothing has happened yet">Every change of state is recorded here, with its reason.</EmptyState>
    )
  }
  return (
    <ol className="divide-y divide-line-soft">
      {transitions.map((move) => (
        <li key={`${move.atMs} ${move.toState}`} className="flex flex-wrap items-baseline gap-x-4 px-3.5 py-2">
          <span className="w-24 text-ink-2">
            <MomentText atMs={move.atMs} />
          </span>
          <span>
            {move.fromState} → <b>{move.toState}</b>
          </span>
          <span className="text-ink-2">{move.actorName}</span>
          {move.reason !== null && <span className="min-w-0 text-ink-3 wrap-anywhere-safe">{move.reason}</span>}
        </li>
      ))}
    </ol>
  )
}
