'use client'
import { ChevronDown } from 'lucide-react'
import { useId, useState } from 'react'
import { Button } from '#ui/button.tsx'
import { FilterChips } from '#ui/filter-chips.tsx'
import { FilterText } from '#ui/filter-text.tsx'
import { FilterTexts, type TextFilter } from '#ui/filter-texts.tsx'
import { AttributeFilter } from '#features/flows/attribute-filter.tsx'
import { countFurther } from '#features/flows/flow-question.ts'
import {
  type FlowFilter,
  FLOW_STATUSES,
  FLOW_WINDOWS,
  type SetFlowFilter,
  useFlowFilter,
} from '#features/flows/use-flow-filter.ts'

const STATUS_CHIPS = [
  { id: 'all', label: 'All' },
  { id: 'error', label: 'With errors' },
  { id: 'dead-lettered', label: 'Dead-lettered' },
  { id: 'redriven', label: 'Redriven' },
  { id: 'ok', label: 'Without errors' },
] as const

const HALF = 'w-[calc(50%-4px)]'

const FIRST: readonly TextFilter<'id' | 'service' | 'destination'>[] = [
  {
    name: 'id',
    label: 'Correlation id, message id, trace id or topic/partition/offset',
    placeholder: 'Correlation, message or trace id, topic/partition/offset…',
    className: 'w-full lg:w-96',
    isMono: true,
  },
  { name: 'service', label: 'Service', placeholder: 'Service', className: `${HALF} sm:w-36` },
  { name: 'destination', label: 'Destination', placeholder: 'Destination', className: `${HALF} sm:w-40` },
]

const FURTHER: readonly TextFilter<'group' | 'failure' | 'messageKey'>[] = [
  { name: 'group', label: 'Consumer group', placeholder: 'Consumer group', className: `${HALF} sm:w-40` },
  {
    name: 'failure',
    label: 'Kind of failure',
    placeholder: 'Failure, e.g. TimeoutError',
    className: `${HALF} sm:w-52`,
  },
  { name: 'messageKey', label: 'Message key', placeholder: 'Message key', className: `${HALF} sm:w-40`, isMono: true },
]

const FIGURES = [
  { name: 'max', label: 'At most this many seconds long', placeholder: 'Took ≤ seconds', least: 0 },
  { name: 'waited', label: 'A message waited at least this many seconds', placeholder: 'Waited ≥ seconds', least: 1 },
  { name: 'attempt', label: 'A message was taken at least this often', placeholder: 'Attempt ≥', least: 2 },
] as const

/** What is typed as a figure, in the address as a number; null for anything that is none. */
function readFigure(text: string, least: number): number | null {
  const figure = Number(text.replace(',', '.'))
  return text !== '' && Number.isFinite(figure) && figure >= 0 ? Math.max(least, figure) : null
}

/** By what flows are looked for. The first row holds what is asked most; the rest opens below it. */
export function FlowFilterBar() {
  const [filter, setFilter] = useFlowFilter()
  const further = countFurther(filter)
  const [isOpen, setIsOpen] = useState(further > 0)
  const panelId = useId()
  const set = (name: string, text: string | null) => void setFilter({ [name]: text })
  return (
    <div className="mb-3 flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <FilterTexts filters={FIRST} values={filter} onChange={set} />
        <FilterText
          label="At least this many seconds long"
          placeholder="Took ≥ seconds"
          value={filter.min === null ? '' : String(filter.min)}
          onChange={(text) => void setFilter({ min: readFigure(text, 0) })}
          className={`${HALF} sm:w-32`}
        />
        <Button
          aria-expanded={isOpen}
          aria-controls={panelId}
          onClick={() => setIsOpen(!isOpen)}
          className="max-sm:w-[calc(50%-4px)]"
        >
          More filters{further > 0 && ` (${further})`}
          <ChevronDown size={14} aria-hidden="true" className={isOpen ? 'rotate-180' : ''} />
        </Button>
      </div>
      <div id={panelId} hidden={!isOpen}>
        {isOpen && <FurtherFilters filter={filter} setFilter={setFilter} />}
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <FilterChips
          label="Status"
          chips={STATUS_CHIPS}
          value={filter.status}
          onChange={(id) => void setFilter({ status: FLOW_STATUSES.find((status) => status === id) ?? null })}
        />
        <span className="sm:ml-auto">
          <FilterChips
            label="Time"
            chips={FLOW_WINDOWS.map((id) => ({ id, label: id }))}
            value={filter.from === null && filter.to === null ? filter.window : ''}
            onChange={(id) =>
              void setFilter({ window: FLOW_WINDOWS.find((window) => window === id) ?? null, from: null, to: null })
            }
          />
        </span>
      </div>
    </div>
  )
}

function FurtherFilters({ filter, setFilter }: { readonly filter: FlowFilter; readonly setFilter: SetFlowFilter }) {
  return (
    <div className="flex flex-col gap-2 rounded-lg border border-line-soft bg-sunken p-2.5">
      <div className="flex flex-wrap items-center gap-2">
        <FilterTexts filters={FURTHER} values={filter} onChange={(name, text) => void setFilter({ [name]: text })} />
        {FIGURES.map(({ name, label, placeholder, least }) => (
          <FilterText
            key={name}
            label={label}
            placeholder={placeholder}
            value={filter[name] === null ? '' : String(filter[name])}
            onChange={(text) => void setFilter({ [name]: readFigure(text, least) })}
            className={`${HALF} sm:w-36`}
          />
        ))}
      </div>
      <AttributeFilter filter={filter} setFilter={setFilter} />
    </div>
  )
}
