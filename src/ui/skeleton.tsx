import { classNames } from '#ui/class-names.ts'

/** A grey shape where something will be; give it the size of what comes so that nothing moves. */
export function Skeleton({ className }: { readonly className?: string }) {
  return <span aria-hidden="true" className={classNames('skeleton block', className)} />
}

const WIDTHS = ['w-3/5', 'w-2/5', 'w-4/5', 'w-1/2', 'w-2/3'] as const

/** Rows of a list that is being fetched. */
export function SkeletonRows({ count, label }: { readonly count: number; readonly label: string }) {
  return (
    <output aria-label={`Loading ${label}`} className="block divide-y divide-line-soft">
      {Array.from({ length: count }, (_, index) => (
        <div key={index} className="flex h-11 items-center gap-4 overflow-hidden px-3.5">
          <Skeleton className="w-24 shrink-0" />
          <Skeleton className={WIDTHS[index % WIDTHS.length] ?? 'w-1/2'} />
          <Skeleton className="ml-auto w-16 shrink-0" />
        </div>
      ))}
    </output>
  )
}
