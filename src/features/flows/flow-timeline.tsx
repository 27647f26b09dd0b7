'use client'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import type { ComponentProps } from 'react'
import { FilterChips } from '#ui/filter-chips.tsx'
import { formatCount } from '#ui/format/number.ts'
import { Timeline } from '#features/flows/timeline.tsx'

const SHOWN = ['all', 'critical'] as const

/** The timeline, whole or only what decided how long the flow took. */
export function FlowTimeline(props: Omit<ComponentProps<typeof Timeline>, 'isCriticalOnly'>) {
  const { rowCount, criticalRowCount } = props.flow
  const [show, setShow] = useQueryState('show', parseAsStringLiteral(SHOWN).withDefault('all'))
  const isCriticalOnly = show === 'critical' && criticalRowCount > 0
  return (
    <>
      {criticalRowCount > 0 && (
        <div className="mb-2">
          <FilterChips
            label="Rows of the timeline"
            chips={[
              { id: 'all', label: 'Everything', count: formatCount(rowCount) },
              { id: 'critical', label: 'Critical path only', count: formatCount(criticalRowCount) },
            ]}
            value={isCriticalOnly ? 'critical' : 'all'}
            onChange={(id) => void setShow(SHOWN.find((one) => one === id) ?? null)}
          />
        </div>
      )}
      <Timeline key={String(isCriticalOnly)} {...props} isCriticalOnly={isCriticalOnly} />
    </>
  )
}
