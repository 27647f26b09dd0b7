'use client'
import { Button } from '#ui/button.tsx'
import { formatCount, formatPlural } from '#ui/format/number.ts'
import { Note } from '#ui/note.tsx'
import type { LetterSearchState } from '#features/dead-letters/use-letter-search.ts'

/** How far a search has looked that takes longer than one answer, and the way to end it or to let it go on. */
export function LetterSearchProgress({ search }: { readonly search: LetterSearchState }) {
  const { lookedCount, totalCount, isSearching, stoppedBy, failedCount, failedReason } = search
  return (
    <>
      {(isSearching || stoppedBy !== null) && (
        <div className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md border border-line bg-panel px-3 py-2">
          <div className="min-w-0 flex-1">
            <div className="text-ink-2" aria-live="polite">
              {isSearching ? 'Looking through' : 'Stopped looking through'} dead letters, newest first:{' '}
              {formatCount(lookedCount)} of {formatCount(totalCount)} so far
            </div>
            <progress
              aria-label="Share of the dead letters that was looked at"
              max={100}
              value={Math.min(100, Math.round((lookedCount / Math.max(1, totalCount)) * 100))}
              className="mt-1.5 block h-1 w-full appearance-none overflow-hidden rounded-xs bg-panel-2 [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-panel-2 [&::-webkit-progress-value]:bg-accent"
            />
          </div>
          <Button size="small" onClick={isSearching ? search.stop : search.goOn}>
            {isSearching ? 'Cancel' : 'Look further'}
          </Button>
        </div>
      )}
      {failedCount > 0 && (
        <div className="mb-3">
          <Note tone="unknown" title={`The expression does not fit ${formatPlural(failedCount, 'message')}`}>
            They are left out. The first of them: {failedReason}.
          </Note>
        </div>
      )}
    </>
  )
}
