'use client'
import { useId } from 'react'

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

/** One of a few, as radio buttons that look like chips: the arrow keys move between them. */
export function FilterChips({ label, chips, value, onChange }: FilterChipsProps) {
  const name = useId()
  return (
    <fieldset className="flex min-w-0 flex-wrap gap-1 border-0 p-0">
      <legend className="sr-only">{label}</legend>
      {chips.map((chip) => (
        <label
          key={chip.id}
          className="relative flex h-8 cursor-pointer items-center rounded-md border border-transparent px-2.5 whitespace-nowrap text-ink-2 hover:bg-panel-2 hover:text-ink has-checked:border-line has-checked:bg-panel-2 has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-accent"
        >
          <input
            type="radio"
            name={name}
            checked={chip.id === value}
            onChange={() => onChange(chip.id)}
            className="absolute inset-0 cursor-pointer opacity-0"
          />
          {chip.label}
          {chip.count !== undefined && <span className="ml-1.5 text-ink-3">{chip.count}</span>}
        </label>
      ))}
    </fieldset>
  )
}
