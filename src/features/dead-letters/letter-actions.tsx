'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { ReasonDialog } from '#ui/confirm/reason-dialog.tsx'
import { useDeadLetterView } from '#features/dead-letters/use-dead-letter-view.ts'
import { FailureNote } from '#features/failure/failure-note.tsx'
import { useMay } from '#features/session/person-context.ts'

type Letter = Pick<RouterOutputs['deadLetter']['get'], 'id' | 'state' | 'fingerprint' | 'archive'>

/** What can be done with one dead letter in its state. */
export function LetterActions({ letter }: { readonly letter: Letter }) {
  const [, setView] = useDeadLetterView()
  const mayPlan = useMay('operation:plan')
  const mayRun = useMay('operation:run')
  if (letter.state === 'discarded' && letter.archive !== null && mayRun) return <RestoreOne id={Number(letter.id)} />
  if (letter.state !== 'open' || !mayPlan) {
    return <p className="text-sm text-ink-3">Nothing can be done with it in this state and role.</p>
  }
  const chosen = { fingerprint: letter.fingerprint, only: Number(letter.id) }
  return (
    <div className="flex gap-2">
      <Button kind="primary" onClick={() => void setView({ ...chosen, redrive: true, discard: null })}>
        Redrive this one…
      </Button>
      <Button onClick={() => void setView({ ...chosen, discard: true, redrive: null })}>Discard…</Button>
    </div>
  )
}

function RestoreOne({ id }: { readonly id: number }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  const restore = useMutation(
    trpc.deadLetter.restore.mutationOptions({
      onSuccess: async () => {
        setOpen(false)
        await queryClient.invalidateQueries({ queryKey: trpc.deadLetter.pathKey() })
      },
    }),
  )
  return (
    <>
      <Button
        onClick={() => {
          restore.reset()
          setOpen(true)
        }}
      >
        Restore…
      </Button>
      {isOpen && (
        <ReasonDialog
          title="Restore this dead letter"
          consequence="It is open again, as it was. Nothing is written to the broker."
          act="Restore"
          kind="primary"
          isReasonNeeded
          isBusy={restore.isPending}
          problem={restore.error === null ? null : <FailureNote error={restore.error} />}
          onClose={() => setOpen(false)}
          onConfirm={(reason) => restore.mutate({ ids: [id], reason })}
        />
      )}
    </>
  )
}
