import type { RouterOutputs } from '#trpc/router-types.ts'
import { MIN_EXPECTED_MS } from '#domain/flow/expected-dwell.ts'
import { formatDuration } from '#ui/format/duration.ts'
import { formatPlural } from '#ui/format/number.ts'

export type ExpectedTime = RouterOutputs['expectedTime']['list']['times'][number]

/** What holds now: what a person set, else what was learnt, else the least. */
export const inForceMs = ({ setMs, learntMs }: ExpectedTime): number => setMs ?? learntMs ?? MIN_EXPECTED_MS

/** The time that holds, and how it is known. */
export function ExpectedTimeText({ time }: { readonly time: ExpectedTime }) {
  return (
    <>
      <span className="font-semibold">{formatDuration(inForceMs(time))}</span>{' '}
      <span className="text-ink-3">{sourceOf(time)}</span>
    </>
  )
}

function sourceOf({ setMs, learntMs, sampleCount }: ExpectedTime): string {
  const learnt = learntMs === null ? 'nothing learnt yet' : `learnt: ${formatDuration(learntMs)}`
  if (setMs !== null) return `set by a person, ${learnt}`
  return learntMs === null
    ? 'until enough deliveries are seen to learn from'
    : `learnt from ${formatPlural(sampleCount, 'delivery', 'deliveries')}`
}
