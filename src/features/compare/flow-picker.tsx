'use client'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { FetchedList } from '#features/failure/fetched-list.tsx'
import { FLOW_COLUMNS, type FlowRow } from '#features/flows/flow-columns.tsx'

interface FlowPickerProps {
  readonly leftKey: string | null
  readonly onPick: (flowKey: string) => void
}

const WINDOW_MS = 3_600_000
const SHOWN = ['status', 'flow', 'duration', 'started']
/** On a phone the length makes way for the button. */
const KNOWN_COLUMNS = FLOW_COLUMNS.filter(({ id }) => SHOWN.includes(id)).map((column) =>
  column.id === 'duration' ? { ...column, className: 'hidden w-20 @lg:table-cell' } : column,
)

/** Recent flows to take one side from. */
export function FlowPicker({ leftKey, onPick }: FlowPickerProps) {
  const trpc = useTRPC()
  const [toMs] = useState(() => Date.now() + 60_000)
  const flows = useQuery(trpc.flow.list.queryOptions({ fromMs: toMs - WINDOW_MS, toMs, limit: 15 }))
  const verb = leftKey === null ? 'Take' : 'Compare'
  const columns = useMemo(
    (): readonly ListColumn<FlowRow>[] => [
      ...KNOWN_COLUMNS,
      {
        id: 'act',
        header: 'Act',
        className: 'w-24 text-right',
        cell: ({ flowKey }) => (
          <Button size="small" aria-label={`${verb} ${flowKey}`} onClick={() => onPick(flowKey)}>
            {verb}
          </Button>
        ),
      },
    ],
    [verb, onPick],
  )
  return (
    <FetchedList
      query={flows}
      rowsOf={(page) => page.flows.filter(({ flowKey }) => flowKey !== leftKey)}
      title={leftKey === null ? 'Take the left flow from the last hour' : 'Compare with a flow of the last hour'}
      label="Flows of the last hour"
      expected={8}
      empty={{ title: 'No flow began in the last hour', text: 'Type the ids above.' }}
      columns={columns}
      rowId={({ flowKey }) => flowKey}
    />
  )
}
