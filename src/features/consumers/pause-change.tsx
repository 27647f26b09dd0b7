'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { TextAreaField, TextField } from '#ui/field.tsx'
import { parseDuration } from '#features/consumers/parse-duration.ts'
import { lengthProblem } from '#features/consumers/pause-says.ts'
import { FailureNote } from '#features/failure/failure-note.tsx'

interface PauseChangeProps {
  readonly change: 'extend' | 'end'
  readonly leaseId: string
  readonly onClose: () => void
}

/** Asks why a pause shall last longer, or end now. */
export function PauseChange({ change, leaseId, onClose }: PauseChangeProps) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [text, setText] = useState('30m')
  const [reason, setReason] = useState('')
  const onSuccess = async () => {
    onClose()
    await queryClient.invalidateQueries({ queryKey: trpc.pause.pathKey() })
  }
  const extend = useMutation(trpc.pause.extend.mutationOptions({ onSuccess }))
  const end = useMutation(trpc.pause.end.mutationOptions({ onSuccess }))
  const forMs = parseDuration(text)
  const problem = change === 'extend' ? lengthProblem(text) : null
  const isReady = reason.trim() !== '' && problem === null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isReady) return
    if (change === 'end') end.mutate({ leaseId, reason: reason.trim() })
    else if (forMs !== null) extend.mutate({ leaseId, forMs, reason: reason.trim() })
  }
  const error = extend.error ?? end.error
  return (
    <Dialog isOpen onClose={onClose} title={change === 'extend' ? 'Extend the pause' : 'Resume now'}>
      <form onSubmit={submit} className="flex flex-col gap-3">
        {change === 'extend' && (
          <TextField
            label="For, from now on"
            value={text}
            problem={problem}
            hint="At most a day."
            autoComplete="off"
            onChange={(event) => setText(event.target.value)}
          />
        )}
        <TextAreaField
          label="Reason"
          value={reason}
          hint="Stays on the record, beside your name."
          onChange={(event) => setReason(event.target.value)}
        />
        {error !== null && <FailureNote error={error} />}
        <div className="flex flex-wrap gap-2">
          <Button type="submit" kind="primary" disabled={!isReady} isBusy={extend.isPending || end.isPending}>
            {change === 'extend' ? 'Extend' : 'Resume'}
          </Button>
          <Button kind="bare" onClick={onClose}>
            Leave it as it is
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
