'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Undo2 } from 'lucide-react'
import { useState } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { ReasonDialog } from '#ui/confirm/reason-dialog.tsx'
import { formatPlural } from '#ui/format/number.ts'
import { FINAL_STATES, type OperationState } from '#domain/operation/operation-state.ts'
import { FailureNote } from '#features/failure/failure-note.tsx'
import type { OperationDetail } from '#features/operations/operation-counts.ts'
import { useMay } from '#features/session/person-context.ts'

/** Takes a discard back, as long as the archive holds what it took. */
export function RestoreDiscarded({ operation }: { readonly operation: OperationDetail }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const mayRun = useMay('operation:run')
  const [isOpen, setOpen] = useState(false)
  const restore = useMutation(
    trpc.deadLetter.restore.mutationOptions({
      onSuccess: async () => {
        setOpen(false)
        await Promise.all([
          queryClient.invalidateQueries({ queryKey: trpc.operation.pathKey() }),
          queryClient.invalidateQueries({ queryKey: trpc.deadLetter.pathKey() }),
        ])
      },
    }),
  )
  const isOver = (FINAL_STATES as readonly OperationState[]).includes(operation.state)
  if (!mayRun || !isOver || operation.restorableCount === 0) return null
  const messages = formatPlural(operation.restorableCount, 'message')
  return (
    <>
      <Button
        icon={<Undo2 size={13} aria-hidden="true" />}
        onClick={() => {
          restore.reset()
          setOpen(true)
        }}
      >
        Restore {messages}…
      </Button>
      {isOpen && (
        <ReasonDialog
          title={`Restore ${messages}`}
          consequence="They are open dead letters again, as they were. Nothing is written to the broker: what a queue has let go of stays kept here, and a redrive sends it from the archive."
          act="Restore"
          kind="primary"
          isReasonNeeded
          isBusy={restore.isPending}
          problem={restore.error === null ? null : <FailureNote error={restore.error} />}
          onClose={() => setOpen(false)}
          onConfirm={(reason) => restore.mutate({ operationId: operation.id, reason })}
        />
      )}
    </>
  )
}
