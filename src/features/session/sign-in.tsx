'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter, useSearchParams } from 'next/navigation'
import { useState } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { ChoosePasswordForm } from '#features/session/choose-password-form.tsx'
import { safeReturnPath } from '#features/session/safe-return-path.ts'
import { SignInForm } from '#features/session/sign-in-form.tsx'
import { Brand } from '#features/shell/brand.tsx'

/** Signing in; whoever comes with a one-time password chooses one of their own before anything else. */
export function SignIn() {
  const trpc = useTRPC()
  const router = useRouter()
  const queryClient = useQueryClient()
  const returnPath = safeReturnPath(useSearchParams().get('next'))
  const current = useQuery(trpc.session.current.queryOptions())
  /** The one-time password just typed, so that it need not be typed twice. */
  const [usedPassword, setUsedPassword] = useState<string | null>(null)
  const mustChoose = usedPassword !== null || current.data?.mustChangePassword === true

  const enter = () => {
    queryClient.clear()
    router.replace(returnPath)
  }
  return (
    <main className="flex min-h-dvh items-start justify-center px-4 pt-[14vh]">
      <div className="w-full max-w-[340px]">
        <div className="mb-5 text-lg">
          <Brand />
        </div>
        <h1 className="mb-1 text-xl font-semibold">{mustChoose ? 'Choose your password' : 'Sign in'}</h1>
        {mustChoose ? (
          <ChoosePasswordForm currentPassword={usedPassword} onDone={enter} />
        ) : (
          <SignInForm
            onSignedIn={(answer) => (answer.mustChangePassword ? setUsedPassword(answer.password) : enter())}
          />
        )}
      </div>
    </main>
  )
}
