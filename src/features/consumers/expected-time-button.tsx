'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { MAX_SET_MS, MIN_SET_MS } from '#domain/flow/expected-dwell.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { TextAreaField, TextField } from '#ui/field.tsx'
import { formatDuration } from '#ui/format/duration.ts'
import { FailureNote } from '#features/failure/failure-note.tsx'
import { parseDuration, typeDuration } from '#features/consumers/parse-duration.ts'
import { useMay } from '#features/session/person-context.ts'

interface ExpectedTimeButtonProps {
  readonly destination: string
  readonly group: string
  readonly inForceMs: number
}

/**
 * Opens the question how long a group may take. With a `text` that text is what is pressed, and stays as it is for those
 * who may not say; without one they see nothing.
 */
export function ExpectedTimeButton({
  text = null,
  ...props
}: ExpectedTimeButtonProps & { readonly text?: string | null }) {
  const mayChange = useMay('consumer:control')
  const [isOpen, setIsOpen] = useState(false)
  if (!mayChange) return text
  return (
    <>
      {text === null ? (
        <Button
          size="small"
          aria-label={`Change the time in which ${props.group} is expected to take messages of ${props.destination}`}
          onClick={() => setIsOpen(true)}
        >
          Change…
        </Button>
      ) : (
        <button
          type="button"
          title="Change the expected time"
          onClick={() => setIsOpen(true)}
          className="rounded-sm text-left underline decoration-line underline-offset-3 hover:text-ink hover:decoration-accent"
        >
          {text}
        </button>
      )}
      {isOpen && <ExpectedTimeDialog {...props} onClose={() => setIsOpen(false)} />}
    </>
  )
}

function ExpectedTimeDialog({
  destination,
  group,
  inForceMs,
  onClose,
}: ExpectedTimeButtonProps & { readonly onClose: () => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [text, setText] = useState(typeDuration(inForceMs))
  const [reason, setReason] = useState('')
  const set = useMutation(
    trpc.expectedTime.set.mutationOptions({
      onSuccess: async () => {
        onClose()
        await Promise.all([
          queryClient.invalidateQueries({ queryKey: trpc.expectedTime.pathKey() }),
          queryClient.invalidateQueries({ queryKey: trpc.flow.stuck.pathKey() }),
        ])
      },
    }),
  )
  const wishMs = parseDuration(text)
  const problem =
    wishMs === null
      ? 'A time is 90 s, 5 m or 1 h 30 m.'
      : wishMs < MIN_SET_MS || wishMs > MAX_SET_MS
        ? `From ${formatDuration(MIN_SET_MS)} to ${formatDuration(MAX_SET_MS)}.`
        : null
  const isReasoned = reason.trim() !== ''
  const say = (expectedMs: number | null) => set.mutate({ destination, group, expectedMs, reason: reason.trim() })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (problem === null && isReasoned) say(wishMs)
  }
  return (
    <Dialog isOpen onClose={onClose} title="Expected time">
      <form onSubmit={submit} className="flex flex-col gap-3">
        <p className="text-ink-2 wrap-anywhere-safe">
          How long <b className="text-ink">{group}</b> may take to take a message of{' '}
          <b className="text-ink">{destination}</b> before it is listed as stuck. Takes effect within seconds; messages
          of the last ten minutes are looked at again.
        </p>
        <TextField
          label="Expected within"
          value={text}
          problem={problem}
          hint="90 s, 5 m or 1 h 30 m"
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
        />
        <TextAreaField
          label="Reason"
          value={reason}
          hint="Stays on the record, beside your name."
          onChange={(event) => setReason(event.target.value)}
        />
        {set.error !== null && <FailureNote error={set.error} />}
        <div className="flex flex-wrap gap-2">
          <Button type="submit" kind="primary" disabled={problem !== null || !isReasoned} isBusy={set.isPending}>
            Set
          </Button>
          <Button disabled={!isReasoned} isBusy={set.isPending} onClick={() => say(null)}>
            Go by what is learnt
          </Button>
          <Button kind="bare" onClick={onClose}>
            Leave it as it is
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
