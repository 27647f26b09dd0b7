import type { SendResult } from '#brokers/broker.ts'
import { toFailure } from '#domain/failure.ts'
import type { Copy } from '#engine/make-copies.ts'
import { pauseFor } from '#engine/pause-for.ts'
import type { SendScope } from '#engine/send-scope.ts'
import type { OwnSpan } from '#telemetry-store/telemetry-store.ts'

/** Copies, what the broker answered for each, and when. */
export interface TimedSend {
  readonly copies: readonly Copy[]
  readonly results: readonly SendResult[]
  readonly startUs: number
  readonly durationUs: number
}

const TRIES = 3
const BETWEEN_TRIES_MS = 200

/**
 * One span per confirmed copy, before it is confirmed in the ledger, so that no consumer's span waits for its sender.
 * Copies are not sent again for want of a span: when telemetry does not answer, commits and returns still tell.
 */
export async function recordCopies(scope: SendScope, send: TimedSend): Promise<void> {
  const spans = send.copies.flatMap((copy, at) => {
    const result = send.results[at]
    return result?.outcome === 'confirmed' ? [spanOf(scope, copy, send, result.position?.lane ?? null)] : []
  })
  if (spans.length === 0) return
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    try {
      await scope.context.telemetry.recordOwnSpans(spans)
      return
    } catch (error) {
      const failure = toFailure(error)
      scope.context.log.warn({ attempt, spanCount: spans.length, reason: failure.message }, 'copies without a span')
      if (attempt < TRIES) await pauseFor(BETWEEN_TRIES_MS * attempt, scope.lost)
    }
  }
}

function spanOf(scope: SendScope, { item, oldContext }: Copy, send: TimedSend, lane: string | null): OwnSpan {
  return {
    traceId: item.traceId,
    spanId: item.spanId,
    name: `send ${item.targetDestination}`,
    kind: 'producer',
    startUs: send.startUs,
    durationUs: send.durationUs,
    correlationId: item.correlationId,
    links: oldContext === null ? [] : [oldContext],
    isError: false,
    attributes: {
      'messaging.system': scope.broker.kind,
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': item.targetDestination,
      ...(lane === null ? {} : { 'messaging.destination.partition.id': lane }),
      'throughline.operation': scope.operation.id,
      'throughline.item': item.ordinal.toString(),
      'throughline.source': `${scope.operation.source} ${item.sourcePosition}`,
    },
  }
}
