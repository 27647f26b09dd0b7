import type { SpanRecord } from '#domain/trace/span.ts'

/** How many messages a receiving span stands for, as far as it says. */
export function inputCountOf({ links, droppedLinkCount, messaging }: SpanRecord): number {
  return Math.max(1, links.length + droppedLinkCount, messaging?.batchCount ?? 0)
}

/** Whether what is sent below a span may come from any of several messages. */
export const isBatchScope = (span: SpanRecord): boolean =>
  (span.messaging?.operation === 'process' || span.messaging?.operation === 'receive') && inputCountOf(span) > 1

export type OutputOwner = 'own' | 'other' | 'unclear'

/** How many outputs there are by record key and destination. */
export type OutputIndex = ReadonlyMap<string, ReadonlyMap<string | null, number>>

export function indexOutputs(outputs: readonly SpanRecord[]): OutputIndex {
  const index = new Map<string, Map<string | null, number>>()
  for (const { messaging } of outputs) {
    const key = messaging?.messageKey ?? null
    if (key === null) continue
    const counts = index.get(key) ?? new Map<string | null, number>()
    index.set(key, counts)
    const destination = messaging?.destination ?? null
    counts.set(destination, (counts.get(destination) ?? 0) + 1)
  }
  return index
}

/**
 * Tells the outputs of a batch apart. Nothing in spans says which input an output came from, but services mostly pass the
 * record key on: an output with the key of one of our inputs is ours when it is the only one of its destination with that
 * key; where our key was passed on so, outputs with other keys are of others. All else is one of many.
 */
export function createOutputSorter(
  outputs: OutputIndex,
  ownKeys: ReadonlySet<string>,
): (output: SpanRecord) => OutputOwner {
  const isKeyPassedOn = [...ownKeys].some((key) => outputs.has(key))
  return ({ messaging }) => {
    const key = messaging?.messageKey ?? null
    if (key === null) return 'unclear'
    if (ownKeys.has(key)) return outputs.get(key)?.get(messaging?.destination ?? null) === 1 ? 'own' : 'unclear'
    return isKeyPassedOn ? 'other' : 'unclear'
  }
}
