import { Button } from '#ui/button.tsx'
import { formatCount } from '#ui/format/number.ts'

interface LoadMoreProps {
  readonly shown: number
  readonly hasMore: boolean
  readonly isBusy: boolean
  readonly onMore: () => void
}

/** The end of a list: how many are shown, and the way to the next page. */
export function LoadMore({ shown, hasMore, isBusy, onMore }: LoadMoreProps) {
  if (shown === 0) return null
  return (
    <div className="flex h-12 items-center justify-center gap-3 text-sm text-ink-3">
      <span>
        {formatCount(shown)} shown{hasMore ? '' : ', that is all'}
      </span>
      {hasMore && (
        <Button size="small" onClick={onMore} isBusy={isBusy}>
          {isBusy ? 'Loading…' : 'Load more'}
        </Button>
      )}
    </div>
  )
}
