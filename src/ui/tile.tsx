import type { ReactNode } from 'react'
import { classNames } from '#ui/class-names.ts'
import { StateShape } from '#ui/state-shape.tsx'
import { TONE_TEXT, type Tone } from '#ui/tone.ts'

interface TileProps {
  readonly label: string
  readonly value: ReactNode
  readonly unit?: string
  /** How it is known, its trend, whose it is. */
  readonly note?: ReactNode
  readonly tone?: Tone
  readonly chart?: ReactNode
}

/** A figure with its unit and the sentence that gives it meaning. */
export function Tile({ label, value, unit, note, tone, chart }: TileProps) {
  return (
    <div className="flex min-h-24 min-w-0 flex-col rounded-lg border border-line bg-panel px-3.5 py-2.5">
      <div className="flex items-center gap-1.5 text-sm text-ink-2">
        {tone !== undefined && <StateShape tone={tone} size={7} />}
        <span className="truncate">{label}</span>
      </div>
      <div className={classNames('text-2xl font-semibold tracking-tight', tone && TONE_TEXT[tone])}>
        {value}
        {unit !== undefined && <span className="text-base font-normal text-ink-3">{unit}</span>}
      </div>
      <div className="line-clamp-2 text-sm text-ink-3 wrap-anywhere-safe">{note}</div>
      {chart}
    </div>
  )
}
