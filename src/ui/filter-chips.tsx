'use client'
import { classNames } from '#ui/class-names.ts'

export interface FilterChip {
  readonly id: string
  readonly label: string
  readonly count?: number | string
}

interface FilterChipsProps {
  readonly label: string
  readonly chips: readonly FilterChip[]
  readonly value: string
  readonly onChange: (id: string) => void
}

/** One of a few; the chosen one is marked and said. */
export function FilterChips({ label, chips, value, onChange }: FilterChipsProps) {
  return (
    <fieldset className="flex min-w-0 flex-wrap gap-1 border-0 p-0">
      <legend className="sr-only">{label}</legend>
      {chips.map((chip) => (
        <button
          key={chip.id}
          type="button"
          aria-pressed={chip.id === value}
          onClick={() => onChange(chip.id)}
          className={classNames(
            'h-8 rounded-md border px-2.5 whitespace-nowrap',
            chip.id === value
              ? 'border-line bg-panel-2 text-ink'
              : 'border-transparent text-ink-2 hover:bg-panel-2 hover:text-ink',
          )}
        >
          {chip.label}
          {chip.count !== undefined && <span className="ml-1.5 text-ink-3">{chip.count}</span>}
        </button>
      ))}
    </fieldset>
  )
}
