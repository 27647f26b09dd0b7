import { headers } from 'next/headers'
import type { ReactNode } from 'react'
import { AppShell } from '#features/shell/app-shell.tsx'
import { askAhead } from '#server/ask-ahead.ts'
import { getRuntime } from '#server/runtime.ts'

export default async function ConsoleLayout({ children }: { readonly children: ReactNode }) {
  const person = askAhead(getRuntime(), await headers(), (caller) => caller.session.current())
  return <AppShell person={person}>{children}</AppShell>
}
