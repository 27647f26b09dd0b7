import type { LaneWitness } from '#domain/flow/destination-reader.ts'

/** Clocks of sender, broker and poller need not agree better than this. */
const CLOCK_SLACK_MS = 1_000

/** Where a message is: its place when one is known, else only when it was sent. */
export interface MessageWhereabouts {
  readonly sentMs: number | null
  readonly place: { readonly lane: string; readonly position: number } | null
}

/** A lane that the message may be in, and between which positions (both inclusive). */
export interface PossiblePlace {
  readonly witness: LaneWitness
  readonly lowest: number
  readonly highest: number
}

/**
 * The lanes and positions where a message can be. Without a known place they follow from the ends that were read before
 * and after it was sent: a lane that did not grow meanwhile cannot hold it.
 */
export function locateMessage(
  { sentMs, place }: MessageWhereabouts,
  lanes: readonly LaneWitness[],
  asOfMs: number,
): readonly PossiblePlace[] {
  if (place !== null) {
    return lanes
      .filter(({ lane }) => lane === place.lane)
      .map((witness) => ({ witness, lowest: place.position, highest: place.position }))
  }
  return lanes.flatMap((witness) => {
    const { lowest, highest } =
      sentMs === null ? { lowest: witness.start, highest: witness.end - 1 } : boundsAt(witness, sentMs, asOfMs)
    return highest < lowest ? [] : [{ witness, lowest, highest }]
  })
}

function boundsAt(witness: LaneWitness, sentMs: number, asOfMs: number): { lowest: number; highest: number } {
  const samples = sinceLastReset(witness)
  const before = samples.findLast(({ atMs }) => atMs <= sentMs - CLOCK_SLACK_MS)
  const after = samples.find(({ atMs }) => atMs >= sentMs + CLOCK_SLACK_MS)
  // The latest positions stand for a reading of their own: unchanged ones are not written down each time.
  const isPolledSince = asOfMs >= sentMs + CLOCK_SLACK_MS
  const highest = after !== undefined ? after.end - 1 : isPolledSince ? witness.end - 1 : Number.POSITIVE_INFINITY
  return { lowest: before?.end ?? witness.start, highest }
}

/** A lane whose end fell counts anew; earlier positions mean nothing any more. */
function sinceLastReset({ samples, end }: LaneWitness): LaneWitness['samples'] {
  const at = samples.findLastIndex((sample, index) => sample.end > (samples[index + 1]?.end ?? end))
  return samples.slice(at + 1)
}
