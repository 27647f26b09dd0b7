'use client'
import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Skeleton } from '#ui/skeleton.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { MessageView } from '#features/messages/message-view.tsx'
import { useMay } from '#features/session/person-context.ts'

/** Key and payload of a dead letter, for those who may see them. */
export function PayloadView({ id }: { readonly id: string }) {
  const mayRead = useMay('payload:read')
  if (!mayRead) return <p className="text-ink-2">Your role does not show payloads; operators and above see them.</p>
  return <LoadedPayload id={id} />
}

function LoadedPayload({ id }: { readonly id: string }) {
  const trpc = useTRPC()
  const payload = useQuery({
    ...trpc.deadLetter.payload.queryOptions({ id }),
    // The bytes stay what they are; a registry that was down may answer later.
    staleTime: ({ state }) => (isTemporary(state.data?.payload) || isTemporary(state.data?.key) ? 10_000 : 300_000),
  })
  const path = `/api/dead-letters/${id}/download`
  return (
    <Fetched query={payload} skeleton={<Skeleton className="h-32" />}>
      {(found) => (
        <MessageView
          messageKey={found.key}
          payload={found.payload}
          headers={null}
          downloads={[
            ...(found.payload === null ? [] : [{ label: 'Download the payload', href: path }]),
            { label: 'Download with key and headers', href: `${path}?form=line` },
          ]}
        />
      )}
    </Fetched>
  )
}

const isTemporary = (
  part: { decoded: { outcome: string; isTemporary?: boolean } | null } | null | undefined,
): boolean => part?.decoded?.isTemporary === true
