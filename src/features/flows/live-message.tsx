'use client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Hop } from '#domain/flow/flow.ts'
import { livePosition } from '#domain/flow/live-position.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { formatClockMs } from '#ui/format/moment.ts'
import { Skeleton } from '#ui/skeleton.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { MessageView } from '#features/messages/message-view.tsx'
import { useMay } from '#features/session/person-context.ts'

interface LiveMessageProps {
  readonly asked: string
  readonly hop: Hop
}

/** The message of a hop, read from its broker when somebody wants to see it. */
export function LiveMessage({ asked, hop }: LiveMessageProps) {
  const mayRead = useMay('payload:read')
  const [isWanted, setWanted] = useState(false)
  const position = livePosition(hop)
  return (
    <section aria-label="Message">
      <h3 className="mb-1.5 font-semibold">Message</h3>
      {!mayRead ? (
        <p className="text-ink-2">Your role does not show payloads; operators and above see them.</p>
      ) : position === null ? (
        <p className="text-ink-2">
          It cannot be read again: neither sender nor receiver says where in {hop.destination} it is.
        </p>
      ) : isWanted ? (
        <ReadMessage asked={asked} hopId={hop.id} />
      ) : (
        <div className="flex flex-wrap items-center gap-2">
          <Button size="small" onClick={() => setWanted(true)}>
            Read it from the broker
          </Button>
          <span className="text-sm text-ink-3 wrap-anywhere-safe">
            {hop.destination} {position}; nothing is consumed
          </span>
        </div>
      )}
    </section>
  )
}

function ReadMessage({ asked, hopId }: { readonly asked: string; readonly hopId: string }) {
  const trpc = useTRPC()
  const message = useQuery({
    ...trpc.flow.message.queryOptions({ flowKey: asked, hopId }),
    staleTime: 60_000,
    retry: false,
    refetchOnWindowFocus: false,
  })
  const path = `/api/flows/${encodeURIComponent(asked)}/message?${new URLSearchParams({ hop: hopId }).toString()}`
  return (
    <Fetched query={message} skeleton={<Skeleton className="h-32" />}>
      {(found) => (
        <MessageView
          messageKey={found.key}
          payload={found.payload}
          headers={found.headers}
          downloads={found.payload === null ? [] : [{ label: 'Download the payload', href: path }]}
        >
          <p className="text-sm text-ink-3 wrap-anywhere-safe">
            {found.destination} {found.position} on {found.clusterId}, as it lies there now
            {found.timestampMs !== null && ` · the broker's time ${formatClockMs(found.timestampMs)}`}
          </p>
        </MessageView>
      )}
    </Fetched>
  )
}
