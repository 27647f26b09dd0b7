'use client'
import { createContext, useContext } from 'react'
import type { Permission } from '#domain/access/role.ts'
import type { RouterOutputs } from '#trpc/router-types.ts'

export type Person = NonNullable<RouterOutputs['session']['current']>

export const PersonContext = createContext<Person | null>(null)

/** Who is signed in; null until that is known. */
export const usePerson = (): Person | null => useContext(PersonContext)

/** Whether the person's role allows it. The server decides again; this only keeps dead buttons away. */
export function useMay(permission: Permission): boolean {
  return useContext(PersonContext)?.permissions.includes(permission) ?? false
}
