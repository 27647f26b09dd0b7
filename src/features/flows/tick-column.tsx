'use client'
import type { ListColumn } from '#ui/table/list-column.ts'
import type { FlowRow } from '#features/flows/flow-columns.tsx'

/** A comparison has two sides. */
const MOST = 2

/** Ticks a flow or takes its tick away; a third one stays as it is. */
export function toggleTick(ticked: readonly string[], flowKey: string): readonly string[] {
  if (ticked.includes(flowKey)) return ticked.filter((key) => key !== flowKey)
  return ticked.length < MOST ? [...ticked, flowKey] : ticked
}

/** Boxes to tick flows that are to be compared; once two are, the others wait. */
export function tickColumn(ticked: readonly string[], onTick: (flowKey: string) => void): ListColumn<FlowRow> {
  return {
    id: 'tick',
    header: 'Pick',
    isHeaderHidden: true,
    className: 'hidden w-9 pr-0 @lg:table-cell',
    cell: ({ flowKey }) => {
      const isTicked = ticked.includes(flowKey)
      const isWaiting = !isTicked && ticked.length >= MOST
      return (
        <label className="-m-2 flex p-2" title={isWaiting ? 'Two are ticked already' : 'Tick two to compare them'}>
          <input
            type="checkbox"
            aria-label={`Compare ${flowKey}`}
            checked={isTicked}
            disabled={isWaiting}
            onChange={() => onTick(flowKey)}
            className="size-3.5 accent-accent"
          />
        </label>
      )
    },
  }
}
