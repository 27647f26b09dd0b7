import Link from 'next/link'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { buttonClass } from '#ui/button-class.ts'
import { CopyButton } from '#ui/copy-button.tsx'
import { consumerPath } from '#features/consumers/consumer-path.ts'

type RowDetail = RouterOutputs['flow']['row']

/** What one may do from a row: go to the consumer that holds it, and take its ids along. */
export function RowActions({ detail: { row, hop } }: { readonly detail: RowDetail }) {
  if (row.span === null && hop === null) return null
  const attribution = hop?.attribution ?? null
  return (
    <div className="flex flex-wrap gap-2">
      {attribution !== null && attribution.group !== null && attribution.clusterId !== null && (
        <Link
          href={consumerPath(attribution.clusterId, attribution.group)}
          prefetch={false}
          className={buttonClass('plain', 'small')}
        >
          Open consumer
        </Link>
      )}
      {row.span !== null && <CopyButton text={row.span.traceId} label="Copy trace id" />}
      {row.span !== null && <CopyButton text={row.span.spanId} label="Copy span id" />}
      {hop !== null && hop.messageId !== null && <CopyButton text={hop.messageId} label="Copy message id" />}
      {hop !== null && hop.offset !== null && (
        <CopyButton text={`${hop.destination} ${hop.partition ?? ''}@${hop.offset}`} label="Copy position" />
      )}
    </div>
  )
}
