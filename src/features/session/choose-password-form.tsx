'use client'
import { useMutation } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { TextField } from '#ui/field.tsx'
import { FailureNote } from '#features/failure/failure-note.tsx'

/** The server refuses anything shorter. */
const LEAST_LENGTH = 12

interface ChoosePasswordFormProps {
  /** Known when it has just been typed; otherwise it is asked for. */
  readonly currentPassword: string | null
  readonly onDone: () => void
}

export function ChoosePasswordForm({ currentPassword, onDone }: ChoosePasswordFormProps) {
  const trpc = useTRPC()
  const [current, setCurrent] = useState('')
  const [chosen, setChosen] = useState('')
  const [repeated, setRepeated] = useState('')
  const change = useMutation(trpc.session.changePassword.mutationOptions({ onSuccess: onDone }))
  const isTooShort = chosen.length < LEAST_LENGTH
  const isDifferent = repeated !== '' && repeated !== chosen
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isTooShort || chosen !== repeated) return
    change.mutate({ currentPassword: currentPassword ?? current, newPassword: chosen })
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      <p className="mb-2 text-ink-2">
        The one-time password has done its work. From now on yours alone opens the door.
      </p>
      {currentPassword === null && (
        <TextField
          label="One-time password"
          type="password"
          autoComplete="current-password"
          required
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
        />
      )}
      <TextField
        label="New password"
        type="password"
        autoComplete="new-password"
        required
        minLength={LEAST_LENGTH}
        value={chosen}
        hint={`At least ${LEAST_LENGTH} characters; a few words are easier to keep than signs.`}
        problem={chosen !== '' && isTooShort ? `${LEAST_LENGTH - chosen.length} more characters are needed.` : null}
        onChange={(event) => setChosen(event.target.value)}
      />
      <TextField
        label="New password again"
        type="password"
        autoComplete="new-password"
        required
        value={repeated}
        problem={isDifferent ? 'The two are not the same.' : null}
        onChange={(event) => setRepeated(event.target.value)}
      />
      {change.error !== null && <FailureNote error={change.error} />}
      <Button
        type="submit"
        kind="primary"
        isBusy={change.isPending}
        disabled={isTooShort || chosen !== repeated}
        className="mt-1"
      >
        Use this password
      </Button>
    </form>
  )
}
