'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Undo2 } from 'lucide-react'
import { useState } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { ReasonDialog } from '#ui/confirm/reason-dialog.tsx'
import { FailureNote } from '#features/failure/failure-note.tsx'

interface RestoreButtonProps {
  /** `Restore 12 messages`, said on the button and above the question. */
  readonly act: string
  readonly consequence: string
  /** Whose dead letters: those of an operation, or single ones. */
  readonly selection: { readonly operationId: string } | { readonly ids: number[] }
}

/** Asks why, and opens discarded dead letters again. */
export function RestoreButton({ act, consequence, selection }: RestoreButtonProps) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
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
  return (
    <>
      <Button
        icon={<Undo2 size={13} aria-hidden="true" />}
        onClick={() => {
          restore.reset()
          setOpen(true)
        }}
      >
        {act}…
      </Button>
      {isOpen && (
        <ReasonDialog
          title={act}
          consequence={consequence}
          act="Restore"
          kind="primary"
          isReasonNeeded
          isBusy={restore.isPending}
          problem={restore.error === null ? null : <FailureNote error={restore.error} />}
          onClose={() => setOpen(false)}
          onConfirm={(reason) => restore.mutate({ ...selection, reason })}
        />
      )}
    </>
  )
}
