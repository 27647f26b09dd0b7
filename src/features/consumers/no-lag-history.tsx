import { EmptyState } from '#ui/empty-state.tsx'

/** What stands in place of a chart of lag when nothing was sampled in its window. */
export function NoLagHistory() {
  return (
    <EmptyState title="No history in this window">
      The collector writes a sample whenever a position changes, and once a minute; it keeps them for a day.
    </EmptyState>
  )
}
