'use client'
import { Button } from '#ui/button.tsx'
import { MomentText } from '#ui/moment-text.tsx'
import type { FlowSearch } from '#features/flows/use-flow-search.ts'

const THINGS: Readonly<Record<FlowSearch['searchedIn'], string>> = {
  flows: 'flows',
  postings: 'the index',
  spans: 'spans one by one',
}

/** How far a search has looked that takes longer than one answer, and the way to end it or to let it go on. */
export function SearchProgress({ search }: { readonly search: FlowSearch }) {
  const { range, searchedToMs, isSearching, stoppedBy } = search
  if (searchedToMs === null || (!isSearching && stoppedBy === null)) return null
  const share = (range.toMs - searchedToMs) / Math.max(1, range.toMs - range.fromMs)
  return (
    <div className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md border border-line bg-panel px-3 py-2">
      <div className="min-w-0 flex-1">
        <div className="text-ink-2" aria-live="polite">
          {isSearching
            ? 'Looking through'
            : stoppedBy === 'clock'
              ? 'Stopped after a minute of looking through'
              : 'Stopped looking through'}{' '}
          {THINGS[search.searchedIn]}: back to <MomentText atMs={searchedToMs} /> so far, of{' '}
          <MomentText atMs={range.fromMs} />
        </div>
        <progress
          aria-label="Share of the time that was looked at"
          max={100}
          value={Math.min(100, Math.round(share * 100))}
          className="mt-1.5 block h-1 w-full appearance-none overflow-hidden rounded-xs bg-panel-2 [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-panel-2 [&::-webkit-progress-value]:bg-accent"
        />
      </div>
      {isSearching ? (
        <Button size="small" onClick={search.stop}>
          Cancel
        </Button>
      ) : (
        <Button size="small" onClick={search.goOn}>
          Look further
        </Button>
      )}
    </div>
  )
}
