'use client'
import type { SizeExpiry } from '#domain/dead-letter/estimate-size-expiry.ts'
import { formatDuration } from '#ui/format/duration.ts'
import { formatBytes, formatPlural } from '#ui/format/number.ts'

/** When a message is lost because its partition may hold only so much; said as the estimate that it is. */
export function SizeExpiryWords({ expiry: { inMs, retentionBytes, byCount, byMs } }: { readonly expiry: SizeExpiry }) {
  const ground = `${formatPlural(byCount, 'message')} in ${formatDuration(byMs)}`
  return (
    <span
      title={`Estimated by ${ground} of its partition. Whole segments are deleted and may be compressed, so it may stay longer; it goes sooner only when more comes.`}
    >
      {inMs === null
        ? `no loss by size in sight: the partition may hold ${formatBytes(retentionBytes)}`
        : `by size ${inMs === 0 ? 'at any moment' : `in about ${formatDuration(inMs)}`}, when ${formatBytes(retentionBytes)} of its partition are full`}{' '}
      <span className="text-ink-3">(estimate)</span>
    </span>
  )
}
