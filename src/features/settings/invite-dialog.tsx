'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import type { Role } from '#domain/access/role.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { TextField } from '#ui/field.tsx'
import { FailureNote } from '#features/failure/failure-note.tsx'
import { OneTimePassword } from '#features/settings/one-time-password.tsx'
import { RoleField } from '#features/settings/role-field.tsx'

/** Adds a person and tells the one-time password, once. */
export function InviteDialog({ onClose }: { readonly onClose: () => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [login, setLogin] = useState('')
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const create = useMutation(
    trpc.person.create.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.person.pathKey() }),
      // The answer holds a password: nothing keeps it longer than it is shown.
      gcTime: 0,
    }),
  )
  const isComplete = login.trim() !== '' && name.trim() !== ''
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isComplete) create.mutate({ login: login.trim(), name: name.trim(), role })
  }
  if (create.data !== undefined) {
    return (
      <Dialog isOpen onClose={onClose} title={`${name.trim()} is added`}>
        <OneTimePassword login={login.trim()} password={create.data.oneTimePassword} />
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
        <TextField
          label="Login"
          value={login}
          maxLength={200}
          autoComplete="off"
          hint="What they sign in with; small and capital letters are the same."
          onChange={(event) => setLogin(event.target.value)}
        />
        <TextField
          label="Name"
          value={name}
          maxLength={200}
          autoComplete="off"
          hint="Stands beside what they do, in the audit log and everywhere."
          onChange={(event) => setName(event.target.value)}
        />
        <RoleField value={role} onChange={setRole} />
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
