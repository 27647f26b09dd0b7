'use client'
import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '#trpc/use-trpc.ts'

/** Which one is meant, where a panel is about a single dead letter; its own panel has fetched it before. */
export function ChosenLetter({ id }: { readonly id: number }) {
  const trpc = useTRPC()
  const { data: letter } = useQuery({ ...trpc.deadLetter.get.queryOptions({ id: String(id) }), staleTime: 60_000 })
  if (letter === undefined) return null
  return (
    <p className="font-mono text-sm text-ink-2 wrap-anywhere-safe">
      {letter.flowKey !== null && <b className="text-ink">{letter.flowKey} </b>}
      {letter.destination} {letter.position}
    </p>
  )
}
