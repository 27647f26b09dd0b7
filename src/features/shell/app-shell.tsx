'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import type { ReactNode } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Card } from '#ui/card.tsx'
import { Skeleton, SkeletonRows } from '#ui/skeleton.tsx'
import type { AnswerAhead } from '#trpc/answer-ahead.ts'
import { type Person, usePerson } from '#features/session/person-context.ts'
import { SessionGate } from '#features/session/session-gate.tsx'
import { EnvironmentBadge } from '#features/shell/environment-badge.tsx'
import { LiveIndicator } from '#features/shell/live-indicator.tsx'
import { PersonMenu } from '#features/shell/person-menu.tsx'
import { SearchBox } from '#features/shell/search-box.tsx'
import { ShellKeys } from '#features/shell/shell-keys.tsx'
import { SideNavigation } from '#features/shell/side-navigation.tsx'
import { useNavigationCounts } from '#features/shell/use-navigation-counts.ts'

interface AppShellProps {
  /** Whom the server found in the session. */
  readonly person: AnswerAhead<Person>
  readonly children: ReactNode
}

/** What surrounds every page, for those who are signed in. */
export function AppShell({ person, children }: AppShellProps) {
  return (
    <SessionGate ahead={person}>
      <Frame>{children}</Frame>
    </SessionGate>
  )
}

function Frame({ children }: { readonly children: ReactNode }) {
  const person = usePerson()
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[208px_minmax(0,1fr)]">
      <a
        href="#page"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-panel focus:px-3 focus:py-2"
      >
        Skip to the page
      </a>
      {person === null ? <EmptyFrame /> : <FilledFrame>{children}</FilledFrame>}
    </div>
  )
}

/** The frame while nobody knows yet who is there: nothing is asked that might be refused. */
function EmptyFrame() {
  return (
    <>
      <SideNavigation counts={new Map()} footer={null} />
      <div className="min-w-0">
        <div className="h-[53px] border-b border-line bg-rail" />
        <div className="px-3 pt-5 sm:px-5">
          <Skeleton className="mb-4 h-6 w-40" />
          <Card isFlush>
            <SkeletonRows count={8} label="the page" />
          </Card>
        </div>
      </div>
    </>
  )
}

function FilledFrame({ children }: { readonly children: ReactNode }) {
  const trpc = useTRPC()
  const router = useRouter()
  const queryClient = useQueryClient()
  const counts = useNavigationCounts()
  const signOut = useMutation(
    trpc.session.signOut.mutationOptions({
      onSuccess: () => {
        queryClient.clear()
        router.replace('/sign-in')
      },
    }),
  )
  const leave = () => signOut.mutate()
  return (
    <>
      <SideNavigation counts={counts} footer={<PersonMenu onSignOut={leave} />} />
      <div className="flex min-w-0 flex-col">
        <header className="sticky top-0 z-20 flex h-[53px] items-center gap-2.5 border-b border-line bg-rail px-3 sm:px-5">
          <SearchBox />
          <span className="ml-auto" />
          <LiveIndicator />
          <EnvironmentBadge />
          <PersonMenu onSignOut={leave} isCompact />
        </header>
        <main id="page" data-page="" className="px-3 pt-4 pb-24 sm:px-5 lg:pb-10">
          {children}
        </main>
      </div>
      <ShellKeys actions={[{ label: 'Sign out', run: leave }]} />
    </>
  )
}
