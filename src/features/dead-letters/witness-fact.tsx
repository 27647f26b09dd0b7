'use client'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { TextLink } from '#ui/text-link.tsx'
import { flowPath } from '#features/flows/flow-path.ts'

type Witness = RouterOutputs['deadLetter']['get']['witness']

const BY = {
  'trace-parent': 'by the trace that the message names',
  'message-id': 'by the id of the message',
  position: 'by the position that it lay at',
  header: 'as a header of the message says',
} as const

/** Who failed on one dead letter, how that is known, and what was taken from there. */
export function WitnessFact({ witness }: { readonly witness: Witness }) {
  if (witness === null) return <span className="text-ink-2">not looked for: others of its group were</span>
  const { service, serviceVersion, foundBy, traceId, isReasonTaken, isSought } = witness
  if (foundBy === null) {
    return (
      <span className="text-ink-2">
        {isSought ? 'no span yet; looked for again for some minutes' : 'no span of its failure has come'}
      </span>
    )
  }
  return (
    <>
      {service ?? 'a service'} {serviceVersion ?? 'without a version'},{' '}
      {traceId === null ? BY[foundBy] : <TextLink href={flowPath(traceId)}>{BY[foundBy]}</TextLink>}
      {isReasonTaken && (
        <div className="text-ink-3">
          The message gives no reason: exception and frame are taken from telemetry, from the span that failed.
        </div>
      )}
    </>
  )
}
