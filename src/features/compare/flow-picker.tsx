'use client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { Card } from '#ui/card.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { formatDurationUs } from '#ui/format/duration.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { flowWords } from '#features/flows/flow-words.ts'

interface FlowPickerProps {
  readonly leftKey: string | null
  readonly onPick: (flowKey: string) => void
}

const WINDOW_MS = 3_600_000

/** Recent flows to take one side from. */
export function FlowPicker({ leftKey, onPick }: FlowPickerProps) {
  const trpc = useTRPC()
  const [toMs] = useState(() => Date.now() + 60_000)
  const flows = useQuery(trpc.flow.list.queryOptions({ fromMs: toMs - WINDOW_MS, toMs, limit: 30 }))
  return (
    <Card
      isFlush
      title={leftKey === null ? 'Take the left flow from the last hour' : 'Compare with a flow of the last hour'}
    >
      <Fetched query={flows} skeleton={<SkeletonRows count={8} label="flows" />}>
        {(page) =>
          page.flows.length === 0 ? (
            <EmptyState title="No flow began in the last hour">Type the ids above.</EmptyState>
          ) : (
            <ul className="divide-y divide-line-soft">
              {page.flows
                .filter(({ flowKey }) => flowKey !== leftKey)
                .map((flow) => (
                  <li key={flow.flowKey} className="flex items-center gap-3 px-3.5 py-1.5">
                    <StateMark tone={flowWords(flow.status).tone} isQuiet>
                      {flowWords(flow.status).word}
                    </StateMark>
                    <span className="min-w-0 flex-1 truncate font-mono text-sm">{flow.flowKey}</span>
                    <span className="hidden shrink-0 text-ink-3 sm:inline">
                      {formatDurationUs(flow.endedUs - flow.startedUs)}, <MomentText atMs={flow.startedUs / 1000} />
                    </span>
                    <Button
                      size="small"
                      aria-label={`${leftKey === null ? 'Take' : 'Compare'} ${flow.flowKey}`}
                      onClick={() => onPick(flow.flowKey)}
                    >
                      {leftKey === null ? 'Take' : 'Compare'}
                    </Button>
                  </li>
                ))}
            </ul>
          )
        }
      </Fetched>
    </Card>
  )
}
