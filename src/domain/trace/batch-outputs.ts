import type { SpanRecord } from '#domain/trace/span.ts'

/** How many messages a receiving span stands for, as far as it says. */
export function inputCountOf({ links, droppedLinkCount, messaging }: SpanRecord): number {
  return Math.max(1, links.length + droppedLinkCount, messaging?.batchCount ?? 0)
}

/** Whether what is sent below a span may come from any of several messages. */
export const isBatchScope = (span: SpanRecord): boolean =>
  (span.messaging?.operation === 'process' || span.messaging?.operation === 'receive') && inputCountOf(span) > 1

export type OutputOwner = 'own' | 'other' | 'unclear'

/**
 * Tells the outputs of a batch apart. Nothing in spans says which input an output came from, but services mostly pass the
 * record key on: an output with the key of one of our inputs is ours when it is the only one of its destination with that
 * key; where our key was passed on so, outputs with other keys are of others. All else is one of many.
 */
export function createOutputSorter(
  outputs: readonly SpanRecord[],
  ownKeys: ReadonlySet<string>,
): (output: SpanRecord) => OutputOwner {
  const counts = new Map<string, number>()
  for (const output of outputs) {
    const key = output.messaging?.messageKey ?? null
    if (key !== null && ownKeys.has(key)) counts.set(placeOf(output, key), (counts.get(placeOf(output, key)) ?? 0) + 1)
  }
  const isKeyPassedOn = counts.size > 0
  return (output) => {
    const key = output.messaging?.messageKey ?? null
    if (key === null) return 'unclear'
    if (ownKeys.has(key)) return counts.get(placeOf(output, key)) === 1 ? 'own' : 'unclear'
    return isKeyPassedOn ? 'other' : 'unclear'
  }
}

const placeOf = ({ messaging }: SpanRecord, key: string): string => `${messaging?.destination}\u0000${key}`
