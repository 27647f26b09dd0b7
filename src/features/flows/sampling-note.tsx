'use client'
import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '#trpc/use-trpc.ts'
import { formatCount } from '#ui/format/number.ts'
import { Note } from '#ui/note.tsx'

const SHOWN = 3

/** Says how much of the last day sampling left out, and where; nothing while every flow is kept. */
export function SamplingNote() {
  const trpc = useTRPC()
  const sampling = useQuery({ ...trpc.flow.sampling.queryOptions(), refetchInterval: 30_000 })
  if (sampling.data === undefined || sampling.data.droppedCount === 0) return null
  const { keptCount, droppedCount, destinations } = sampling.data
  const most = destinations
    .slice(0, SHOWN)
    .map((one) => `${one.destination ?? 'beside messages'} ${formatCount(one.droppedCount)}`)
  return (
    <Note tone="unknown" title={describeShare(keptCount, droppedCount)}>
      Flows with an error, a dead letter, an operation or a long duration are all kept; of the others a share is, whole.
      Spans dropped in the last day: {formatCount(droppedCount)} ({most.join(', ')}
      {destinations.length > SHOWN ? ', ...' : ''}). The charts count every span.
    </Note>
  )
}

/** `1 in 10 spans is kept`; close to all or to none, in per cent. */
export function describeShare(keptCount: number, droppedCount: number): string {
  const share = keptCount / (keptCount + droppedCount)
  if (share === 0) return 'No span is kept'
  const perCent = share * 100
  if (share > 0.5) return `${perCent.toFixed(perCent > 99 ? 2 : 0)} % of spans are kept`
  return `1 in ${formatCount(Math.round(1 / share))} spans is kept`
}
