'use client'
import { formatPlural } from '#ui/format/number.ts'
import { FINAL_STATES, type OperationState } from '#domain/operation/operation-state.ts'
import type { OperationDetail } from '#features/operations/operation-counts.ts'
import { RestoreButton } from '#features/operations/restore-button.tsx'
import { useMay } from '#features/session/person-context.ts'

/** Takes a discard back, as long as the archive holds what it took. */
export function RestoreDiscarded({ operation }: { readonly operation: OperationDetail }) {
  const mayRun = useMay('operation:run')
  const isOver = (FINAL_STATES as readonly OperationState[]).includes(operation.state)
  if (!mayRun || !isOver || operation.restorableCount === 0) return null
  const messages = formatPlural(operation.restorableCount, 'message')
  return (
    <RestoreButton
      act={`Restore ${messages}`}
      consequence="They are open dead letters again, as they were. Nothing is written to the broker: what a queue has let go of stays kept here, and a redrive sends it from the archive."
      selection={{ operationId: operation.id }}
    />
  )
}
