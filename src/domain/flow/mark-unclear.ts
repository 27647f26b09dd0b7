import type { JoinedHop } from '#domain/flow/join-hops.ts'
import { findAncestor, isReceiver, isSender, keyOf, parentKeyOf, type SpanIndex } from '#domain/flow/span-index.ts'
import { createOutputSorter, indexOutputs, inputCountOf, isBatchScope } from '#domain/trace/batch-outputs.ts'
import type { SpanRecord } from '#domain/trace/span.ts'

/**
 * Says of the outputs of a batch that they are one of many where nothing tells whose message they came from: the batch
 * took messages of other flows too, and the record keys do not part them.
 */
export function markUnclear(hops: readonly JoinedHop[], index: SpanIndex): readonly JoinedHop[] {
  const inputs = inputsByScope(hops, index)
  if (inputs.size === 0) return hops
  const outputs = Map.groupBy(index.spans.filter(isSender), (span) => scopeOf(span, index, inputs))
  const oneOf = new Map<SpanRecord, number>()
  for (const [scope, sent] of outputs) {
    const own = scope === null ? undefined : inputs.get(scope)
    if (scope === null || own === undefined || own.length >= inputCountOf(scope)) continue
    const sortOutput = createOutputSorter(
      indexOutputs(sent),
      new Set(own.flatMap(({ sender }) => sender?.messaging?.messageKey ?? [])),
    )
    const unclear = sent.filter((output) => sortOutput(output) === 'unclear')
    const byDestination = Map.groupBy(unclear, ({ messaging }) => messaging?.destination)
    for (const output of unclear)
      oneOf.set(output, Math.max(2, byDestination.get(output.messaging?.destination)?.length ?? 0))
  }
  if (oneOf.size === 0) return hops
  return hops.map((joined) => {
    const count = joined.sender === null ? undefined : oneOf.get(joined.sender)
    return count === undefined ? joined : { ...joined, hop: { ...joined.hop, oneOf: count } }
  })
}

/** Batches, and polls around the process spans of single messages, with the inputs that the flow knows of. */
function inputsByScope(hops: readonly JoinedHop[], index: SpanIndex): ReadonlyMap<SpanRecord, readonly JoinedHop[]> {
  const inputs = new Map<SpanRecord, JoinedHop[]>()
  for (const joined of hops) {
    const { receiver } = joined
    if (receiver === null || joined.sender === null) continue
    const poll = index.byKey.get(parentKeyOf(receiver) ?? '')
    for (const scope of [receiver, poll]) {
      if (scope === undefined || !isBatchScope(scope) || (scope === poll && poll.messaging?.operation !== 'receive'))
        continue
      const known = inputs.get(scope)
      if (known === undefined) inputs.set(scope, [joined])
      else known.push(joined)
    }
  }
  return inputs
}

/** The batch directly around a send; null when the process span of a single message lies between, or there is none. */
function scopeOf(span: SpanRecord, index: SpanIndex, scopes: ReadonlyMap<SpanRecord, unknown>): SpanRecord | null {
  const around = findAncestor(index, span, (ancestor) => isReceiver(ancestor) || isSender(ancestor))
  return around !== null && keyOf(around) !== keyOf(span) && scopes.has(around) ? around : null
}
