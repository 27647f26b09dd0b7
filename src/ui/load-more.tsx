import { Button } from '#ui/button.tsx'
import { formatCount } from '#ui/format/number.ts'

/** The part of a paged query's result that is needed here. */
interface Pages {
  readonly hasNextPage: boolean
  readonly isFetchingNextPage: boolean
  readonly fetchNextPage: () => unknown
}

interface LoadMoreProps {
  readonly shown: number
  readonly pages: Pages
}

/** The end of a list: how many are shown, and the way to the next page. */
export function LoadMore({ shown, pages }: LoadMoreProps) {
  const { hasNextPage: hasMore, isFetchingNextPage: isBusy } = pages
  if (shown === 0) return null
  return (
    <div className="flex h-12 items-center justify-center gap-3 text-sm text-ink-3">
      <span>
        {formatCount(shown)} shown{hasMore ? '' : ', that is all'}
      </span>
      {hasMore && (
        <Button size="small" onClick={() => void pages.fetchNextPage()} isBusy={isBusy}>
          {isBusy ? 'Loading…' : 'Load more'}
        </Button>
      )}
    </div>
  )
}
