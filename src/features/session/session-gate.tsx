'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { usePathname, useRouter } from 'next/navigation'
import { useEffect, useSyncExternalStore, type ReactNode } from 'react'
import { type AnswerAhead, peekAhead, takeAhead } from '#trpc/answer-ahead.ts'
import { useTRPC, useTRPCClient } from '#trpc/use-trpc.ts'
import { failureOf } from '#features/failure/failure-of.ts'
import { type Person, PersonContext } from '#features/session/person-context.ts'

const watchNothing = () => () => undefined

interface SessionGateProps {
  readonly ahead: AnswerAhead<Person>
  readonly children: ReactNode
}

/** Asks who is there, sends strangers to the sign-in page and brings them back afterwards. */
export function SessionGate({ ahead, children }: SessionGateProps) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const router = useRouter()
  const path = usePathname()
  const queryClient = useQueryClient()
  const current = useQuery({
    ...trpc.session.current.queryOptions(),
    queryFn: async () => (await takeAhead(ahead)) ?? (await client.session.current.query()),
    initialData: () => peekAhead(ahead),
    staleTime: 60_000,
  })
  const person = current.data
  // What is drawn on the server is the same for everybody: times of day are the browser's to tell.
  const isInBrowser = useSyncExternalStore(
    watchNothing,
    () => true,
    () => false,
  )
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

  return <PersonContext value={mustSignIn || !isInBrowser ? null : (person ?? null)}>{children}</PersonContext>
}
