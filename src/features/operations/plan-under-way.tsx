'use client'
import { SegmentBar } from '#ui/charts/segment-bar.tsx'
import { formatCount } from '#ui/format/number.ts'
import { StateShape } from '#ui/state-shape.tsx'
import type { OperationDetail } from '#features/operations/operation-counts.ts'

/** What the dry run is at. Nothing is sent by it. */
export function PlanUnderWay({ operation }: { readonly operation: Pick<OperationDetail, 'planProgress'> | undefined }) {
  const progress = operation?.planProgress ?? null
  return (
    <output className="flex flex-col gap-2 text-ink-2">
      <span className="flex items-center gap-2">
        <StateShape tone="active" /> {progress === null ? 'Waiting for a collector to plan it…' : describe(progress)}
      </span>
      {progress !== null && progress.totalCount !== null && (
        <SegmentBar
          label={`${formatCount(progress.doneCount)} of ${formatCount(progress.totalCount)} messages`}
          segments={[{ id: 'done', label: progress.step, size: progress.doneCount, className: 'bg-replay' }]}
          total={Math.max(1, progress.totalCount)}
          height={8}
        />
      )}
    </output>
  )
}

function describe({ step, doneCount, totalCount }: NonNullable<OperationDetail['planProgress']>): string {
  const count = totalCount === null ? '' : `: ${formatCount(doneCount)} of ${formatCount(totalCount)}`
  return `${step.charAt(0).toUpperCase()}${step.slice(1)}${count}…`
}
