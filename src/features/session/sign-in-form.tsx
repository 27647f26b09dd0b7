'use client'
import { useMutation } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { TextField } from '#ui/field.tsx'
import { Note } from '#ui/note.tsx'
import { FailureNote } from '#features/failure/failure-note.tsx'
import { failureOf } from '#features/failure/failure-of.ts'

interface SignInFormProps {
  readonly onSignedIn: (answer: { readonly mustChangePassword: boolean; readonly password: string }) => void
}

export function SignInForm({ onSignedIn }: SignInFormProps) {
  const trpc = useTRPC()
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const signIn = useMutation(
    trpc.session.signIn.mutationOptions({
      onSuccess: (answer) => onSignedIn({ mustChangePassword: answer.mustChangePassword, password }),
    }),
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    signIn.mutate({ login: login.trim(), password })
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      <p className="mb-2 text-ink-2">
        The first start prints a login and a one-time password in the terminal of{' '}
        <span className="font-mono">npm start</span>.
      </p>
      <TextField
        label="Login"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        value={login}
        onChange={(event) => setLogin(event.target.value)}
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      {signIn.error !== null && <SignInProblem error={signIn.error} />}
      <Button type="submit" kind="primary" isBusy={signIn.isPending} className="mt-1">
        {signIn.isPending ? 'Signing in…' : 'Sign in'}
      </Button>
    </form>
  )
}

/** Says the same for a wrong login as for a wrong password. */
function SignInProblem({ error }: { readonly error: unknown }) {
  const { code } = failureOf(error)
  if (code === 'forbidden' || code === 'signed-out') {
    return (
      <Note tone="bad" isAlert title="Login and password do not belong together">
        Check both. After several wrong tries, wait a minute.
      </Note>
    )
  }
  return <FailureNote error={error} />
}
