'use client'
import { Tabs as Base } from '@base-ui/react/tabs'
import type { ReactNode } from 'react'

export interface TabEntry {
  readonly id: string
  readonly label: string
  readonly count?: number | string
  readonly content: ReactNode
}

interface TabsProps {
  readonly label: string
  readonly entries: readonly TabEntry[]
  readonly value: string
  readonly onChange: (id: string) => void
  /** At the right end of the row of tabs. */
  readonly aside?: ReactNode
}

export function Tabs({ label, entries, value, onChange, aside }: TabsProps) {
  return (
    <Base.Root value={value} onValueChange={(next) => onChange(String(next))}>
      <div className="my-3 flex items-end border-b border-line">
        <Base.List aria-label={label} className="-mb-px flex gap-4 overflow-x-auto">
          {entries.map((entry) => (
            <Base.Tab
              key={entry.id}
              value={entry.id}
              className="border-b-2 border-transparent py-1.5 whitespace-nowrap text-ink-2 hover:text-ink data-active:border-accent data-active:text-ink"
            >
              {entry.label}
              {entry.count !== undefined && <span className="ml-1.5 text-ink-3">{entry.count}</span>}
            </Base.Tab>
          ))}
        </Base.List>
        {aside !== undefined && <div className="ml-auto pb-1">{aside}</div>}
      </div>
      {entries.map((entry) => (
        <Base.Panel key={entry.id} value={entry.id} className="outline-none">
          {entry.content}
        </Base.Panel>
      ))}
    </Base.Root>
  )
}
