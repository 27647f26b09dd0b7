'use client'
import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Skeleton } from '#ui/skeleton.tsx'
import { MessageBytes } from '#features/dead-letters/message-bytes.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { useMay } from '#features/session/person-context.ts'

/** The bytes of a dead letter, for those who may see them. */
export function PayloadView({ id }: { readonly id: string }) {
  const mayRead = useMay('payload:read')
  if (!mayRead) return <p className="text-ink-2">Your role does not show payloads; operators and above see them.</p>
  return <LoadedPayload id={id} />
}

function LoadedPayload({ id }: { readonly id: string }) {
  const trpc = useTRPC()
  const payload = useQuery({ ...trpc.deadLetter.payload.queryOptions({ id }), staleTime: 300_000 })
  return (
    <Fetched query={payload} skeleton={<Skeleton className="h-32" />}>
      {(found) => <MessageBytes messageKey={found.key} payload={found.payload} />}
    </Fetched>
  )
}
