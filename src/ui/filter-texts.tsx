'use client'
import { FilterText } from '#ui/filter-text.tsx'

export interface TextFilter<Name extends string> {
  /** Of the field in the filter, and in the address. */
  readonly name: Name
  readonly label: string
  readonly placeholder: string
  readonly className: string
  readonly isMono?: boolean
}

interface FilterTextsProps<Name extends string> {
  readonly filters: readonly TextFilter<Name>[]
  readonly values: Readonly<Record<Name, string>>
  /** An empty field is null. */
  readonly onChange: (name: Name, text: string | null) => void
}

/** Filters by text, side by side. */
export function FilterTexts<Name extends string>({ filters, values, onChange }: FilterTextsProps<Name>) {
  return filters.map(({ name, ...look }) => (
    <FilterText
      key={name}
      {...look}
      value={values[name]}
      onChange={(text) => onChange(name, text === '' ? null : text)}
    />
  ))
}
