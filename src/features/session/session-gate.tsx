'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { usePathname, useRouter } from 'next/navigation'
import { useEffect, type ReactNode } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { failureOf } from '#features/failure/failure-of.ts'
import { PersonContext } from '#features/session/person-context.ts'

/** Asks who is there, sends strangers to the sign-in page and brings them back afterwards. */
export function SessionGate({ children }: { readonly children: ReactNode }) {
  const trpc = useTRPC()
  const router = useRouter()
  const path = usePathname()
  const queryClient = useQueryClient()
  const current = useQuery({ ...trpc.session.current.queryOptions(), staleTime: 60_000 })
  const person = current.data
  const mustSignIn = person === null || person?.mustChangePassword === true

  useEffect(() => {
    if (mustSignIn) router.replace(`/sign-in?next=${encodeURIComponent(path + window.location.search)}`)
  }, [mustSignIn, path, router])

  useEffect(() => {
    const key = trpc.session.current.queryKey()
    return queryClient.getQueryCache().subscribe((event) => {
      if (event.type !== 'updated' || event.action.type !== 'error') return
      if (failureOf(event.action.error).code === 'signed-out') void queryClient.invalidateQueries({ queryKey: key })
    })
  }, [queryClient, trpc])

  return <PersonContext value={mustSignIn ? null : (person ?? null)}>{children}</PersonContext>
}
