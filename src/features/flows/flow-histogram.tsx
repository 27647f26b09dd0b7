'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { Card } from '#ui/card.tsx'
import { TimeHistogram } from '#ui/charts/time-histogram.tsx'
import { formatMoment } from '#ui/format/moment.ts'
import { Fetched } from '#features/failure/fetched.tsx'
import { pickedRange } from '#features/flows/flow-question.ts'
import { useFlowFilter } from '#features/flows/use-flow-filter.ts'
import type { FlowSearch } from '#features/flows/use-flow-search.ts'

/** When the flows of the list began; a range of it can be picked. An id is looked for at any time, so it has none. */
export function FlowHistogram({ search }: { readonly search: FlowSearch }) {
  const trpc = useTRPC()
  const [filter, setFilter] = useFlowFilter()
  const picked = pickedRange(filter)
  const counted = useQuery({
    ...trpc.flow.histogram.queryOptions(search.question, { trpc: { abortOnUnmount: true } }),
    // The list goes first: both ask the same store.
    enabled: search.isReady && search.refusal === null && filter.id === '' && !search.flows.isPending,
    refetchInterval: picked === null ? 15_000 : false,
    placeholderData: keepPreviousData,
  })
  if (filter.id !== '' || search.refusal !== null) return null
  return (
    <Card className="mb-3">
      <Fetched query={counted} skeleton={<output aria-label="Counting flows over time" className="block h-[76px]" />}>
        {({ buckets, stepUs, fromMs, toMs, sampleFactor, isUpperBound }) => (
          <TimeHistogram
            label="Flows over time"
            unit="flow"
            bars={buckets.map(({ atUs, ...bar }) => ({ ...bar, atMs: atUs / 1_000 }))}
            fromMs={fromMs}
            toMs={toMs}
            stepMs={stepUs / 1_000}
            onSelect={(range) =>
              void setFilter({ from: Math.round(range.fromMs), to: Math.round(range.toMs) }, { history: 'push' })
            }
            note={noteOf(sampleFactor, isUpperBound)}
          />
        )}
      </Fetched>
      {picked !== null && (
        <div className="mt-2">
          <Button
            size="small"
            icon={<X size={13} aria-hidden="true" />}
            onClick={() => void setFilter({ from: null, to: null })}
          >
            <span className="sr-only">Give up the range </span>
            {formatMoment(picked.fromMs, search.range.toMs)} to {formatMoment(picked.toMs, search.range.toMs)}
          </Button>
        </div>
      )}
    </Card>
  )
}

function noteOf(sampleFactor: number, isUpperBound: boolean): string | null {
  if (isUpperBound) return 'At most: not every filter is counted'
  return sampleFactor > 1 ? `Estimated from 1 in ${Math.round(sampleFactor * 10) / 10}` : null
}
