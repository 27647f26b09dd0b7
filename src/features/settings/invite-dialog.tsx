'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import type { Role } from '#domain/access/role.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { TextAreaField, TextField } from '#ui/field.tsx'
import { FailureNote } from '#features/failure/failure-note.tsx'
import { OneTimePassword } from '#features/settings/one-time-password.tsx'
import { RoleField } from '#features/settings/role-field.tsx'

const FIELDS = [
  { name: 'login', label: 'Login', hint: 'What they sign in with; small and capital letters are the same.' },
  { name: 'name', label: 'Name', hint: 'Stands beside what they do, in the audit log and everywhere.' },
] as const

/** Adds a person and tells the one-time password, once. */
export function InviteDialog({ onClose }: { readonly onClose: () => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [said, setSaid] = useState({ login: '', name: '', reason: '' })
  const [role, setRole] = useState<Role>('viewer')
  const create = useMutation(
    trpc.person.create.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.person.pathKey() }),
      // The answer holds a password: nothing keeps it longer than it is shown.
      gcTime: 0,
    }),
  )
  const [login, name, reason] = [said.login.trim(), said.name.trim(), said.reason.trim()]
  const isComplete = login !== '' && name !== '' && reason !== ''
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isComplete) create.mutate({ login, name, role, reason })
  }
  if (create.data !== undefined) {
    return (
      <Dialog isOpen onClose={onClose} title={`${name} is added`}>
        <OneTimePassword login={login} password={create.data.oneTimePassword} />
        <div className="mt-3">
          <Button kind="primary" onClick={onClose}>
            I have it
          </Button>
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog isOpen onClose={onClose} title="Invite a person">
      <form onSubmit={submit} className="flex flex-col gap-3">
        {FIELDS.map(({ name, label, hint }) => (
          <TextField
            key={name}
            label={label}
            value={said[name]}
            maxLength={200}
            autoComplete="off"
            hint={hint}
            onChange={(event) => setSaid({ ...said, [name]: event.target.value })}
          />
        ))}
        <RoleField value={role} onChange={setRole} />
        <TextAreaField
          label="Reason"
          value={said.reason}
          maxLength={500}
          hint="Stays on the record, beside your name."
          onChange={(event) => setSaid({ ...said, reason: event.target.value })}
        />
        {create.error !== null && <FailureNote error={create.error} />}
        <div className="flex gap-2">
          <Button type="submit" kind="primary" disabled={!isComplete} isBusy={create.isPending}>
            Add
          </Button>
          <Button onClick={onClose}>Leave it</Button>
        </div>
      </form>
    </Dialog>
  )
}
