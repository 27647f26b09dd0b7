'use client'
import { FilterChips } from '#ui/filter-chips.tsx'
import { FilterText } from '#ui/filter-text.tsx'
import { FLOW_STATUSES, FLOW_WINDOWS, useFlowFilter } from '#features/flows/use-flow-filter.ts'

const STATUS_CHIPS = [
  { id: 'all', label: 'All' },
  { id: 'error', label: 'With errors' },
  { id: 'ok', label: 'Without errors' },
] as const

const orNull = (text: string): string | null => (text === '' ? null : text)

/** Id, service, destination, duration, status and time. */
export function FlowFilterBar() {
  const [filter, setFilter] = useFlowFilter()
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <FilterText
        label="Correlation id, message id or trace id"
        placeholder="Correlation id, message id, trace id…"
        value={filter.id}
        onChange={(id) => void setFilter({ id: orNull(id) })}
        className="w-full sm:w-72"
        isMono
      />
      <FilterText
        label="Service"
        placeholder="Service"
        value={filter.service}
        onChange={(service) => void setFilter({ service: orNull(service) })}
        className="w-[calc(50%-4px)] sm:w-32"
      />
      <FilterText
        label="Destination"
        placeholder="Destination"
        value={filter.destination}
        onChange={(destination) => void setFilter({ destination: orNull(destination) })}
        className="w-[calc(50%-4px)] sm:w-36"
      />
      <FilterText
        label="At least this many seconds long"
        placeholder="≥ seconds"
        value={filter.min === null ? '' : String(filter.min)}
        onChange={(text) => {
          const seconds = Number(text)
          void setFilter({ min: text !== '' && Number.isFinite(seconds) && seconds >= 0 ? seconds : null })
        }}
        className="w-24"
      />
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
          value={filter.window}
          onChange={(id) => void setFilter({ window: FLOW_WINDOWS.find((window) => window === id) ?? null })}
        />
      </span>
    </div>
  )
}
