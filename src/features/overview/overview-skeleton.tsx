import { Card } from '#ui/card.tsx'
import { Skeleton, SkeletonRows } from '#ui/skeleton.tsx'

/** The overview before its first answer, in the same places. */
export function OverviewSkeleton() {
  return (
    <>
      <div className="grid grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-6">
        {Array.from({ length: 6 }, (_, index) => (
          <div key={index} className="min-h-24 rounded-lg border border-line bg-panel px-3.5 py-3">
            <Skeleton className="w-2/3" />
            <Skeleton className="mt-3 h-5 w-1/2" />
          </div>
        ))}
      </div>
      <Card title="Needs attention" className="mt-3" isFlush>
        <SkeletonRows count={4} label="what needs attention" />
      </Card>
    </>
  )
}
