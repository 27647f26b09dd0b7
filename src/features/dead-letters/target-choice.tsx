'use client'
import { TARGET_KINDS, type TargetKind } from '#domain/operation/target-kind.ts'
import { FilterChips } from '#ui/filter-chips.tsx'
import { TargetField } from '#features/operations/target-field.tsx'

interface TargetChoiceProps {
  readonly clusterId: string
  readonly origins: readonly string[]
  readonly where: TargetKind
  /** The name, where one destination is chosen. */
  readonly target: string
  readonly onWhere: (where: TargetKind) => void
  readonly onTarget: (name: string) => void
}

const CHIPS = [
  { id: 'origin', label: 'Origin' },
  { id: 'retry', label: 'Retry of the group' },
  { id: 'destination', label: 'Another' },
] as const satisfies readonly { readonly id: TargetKind; readonly label: string }[]

/** Where the copies go, and who that means will see them; the dry run names every target with its readers. */
export function TargetChoice({ clusterId, origins, where, target, onWhere, onTarget }: TargetChoiceProps) {
  return (
    <div className="flex flex-col gap-1">
      <div className="text-sm text-ink-2">To</div>
      <FilterChips
        label="To"
        chips={CHIPS}
        value={where}
        onChange={(id) => onWhere(TARGET_KINDS.find((kind) => kind === id) ?? 'origin')}
      />
      {where === 'origin' && (
        <p className="text-sm text-ink-3 wrap-anywhere-safe">
          Back to where each message came from{origins.length > 0 ? `: ${origins.join(', ')}` : ''}. Every group that
          reads there sees the copies.
        </p>
      )}
      {where === 'retry' && (
        <p className="text-sm text-ink-3">
          Only the group that failed sees the copies: its retry topic by configuration or by name, or its own queue. The
          plan says which, and leaves out those that have none.
        </p>
      )}
      {where === 'destination' && (
        <TargetField clusterId={clusterId} value={target} onChange={onTarget} hint="All copies go there." />
      )}
    </div>
  )
}
