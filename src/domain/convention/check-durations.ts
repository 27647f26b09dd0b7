import { isPhantomAttempt } from '#domain/attempt/delivery-identity.ts'
import { type Check, messageCountOf, spansOf } from '#domain/convention/finding.ts'
import type { MessagingSpan, ServiceSample } from '#domain/convention/observed-span.ts'
import type { SpanRecord } from '#domain/trace/span.ts'

const MAX_SPREAD_US = 2_000
const SPREAD_SHARE = 0.1

/** Processing spans of one poll that begin and end together carry the time of the batch, not their own. */
const checkBatchDurations: Check = ({ taken }) => {
  const processes = taken.filter(({ facts }) => facts.operation === 'process')
  const byParent = new Map<string, MessagingSpan[]>()
  for (const one of processes) {
    if (one.span.parentSpanId === null) continue
    const key = `${one.span.traceId}${one.span.parentSpanId}`
    byParent.set(key, [...(byParent.get(key) ?? []), one])
  }
  const together = [...byParent.values()].filter((batch) => batch.length > 1 && isOneTime(spansOf(batch))).flat()
  if (together.length === 0) return null
  return {
    kind: 'batch-durations',
    severity: 'warn',
    affected: spansOf(together),
    judgedCount: processes.length,
    what: 'The processing spans of a batch all last as long as the whole batch.',
    cost: 'Processing time per message is too long here by the size of the batch; its p95 says nothing.',
  }
}

function isOneTime(spans: readonly SpanRecord[]): boolean {
  const starts = spans.map(({ startUs }) => startUs)
  const ends = spans.map(({ startUs, durationUs }) => startUs + durationUs)
  const spread = Math.max(Math.max(...starts) - Math.min(...starts), Math.max(...ends) - Math.min(...ends))
  const least = Math.min(...spans.map(({ durationUs }) => durationUs))
  return spread <= Math.min(MAX_SPREAD_US, least * SPREAD_SHARE) || (spread <= MAX_SPREAD_US && spread < least / 2)
}

/** Messages sent from under a span that stands for several, or such a span without one per message. */
const checkBatchAsOne: Check = (sample) => {
  const batches = sample.taken.filter((one) => messageCountOf(one) > 1)
  const merged = batches.filter((one) => isMerged(one, sample))
  if (merged.length === 0) return null
  return {
    kind: 'batch-as-one',
    severity: 'warn',
    affected: spansOf(merged),
    judgedCount: sample.taken.length,
    what: 'One span stands for a whole batch, and what was sent for its messages hangs on it.',
    cost: 'Which output belongs to which message is not told: such hops are shown as one of N, and fail or succeed together.',
  }
}

function isMerged({ span, facts }: MessagingSpan, sample: ServiceSample): boolean {
  if (facts.operation === 'process') return true
  return sample
    .childrenOf(span)
    .some(({ messaging }) => messaging?.operation === 'send' || messaging?.operation === 'create')
}

/** Fetching is not processing: the span ends when the message is handed over, or lasts while it waits for one. */
const checkFetchOnly: Check = (sample) => {
  const worked = new Set(
    sample.taken.filter(({ facts }) => facts.operation === 'process').map(({ facts }) => facts.destination),
  )
  const judged = sample.taken.filter(({ facts }) => facts.operation === 'receive' && facts.batchCount !== 0)
  const alone = judged.filter(({ facts }) => facts.destination === null || !worked.has(facts.destination))
  if (alone.length === 0) return null
  return {
    kind: 'fetch-only',
    severity: 'warn',
    affected: spansOf(alone),
    judgedCount: judged.length,
    what: 'Messages are fetched, but no span covers the work on them.',
    cost: 'Processing time and failures are unknown; the length of a fetch is time spent waiting.',
  }
}

/** Work below a processing span that begins when the span is over: handed to a list, a pool, another thread. */
const checkWorkAfterEnd: Check = (sample) => {
  const judged = sample.taken.filter(({ span }) => sample.childrenOf(span).length > 0)
  const early = judged.filter(({ span }) => {
    const endUs = span.startUs + span.durationUs
    return sample.childrenOf(span).some(({ service, startUs }) => service === span.service && startUs > endUs + 1_000)
  })
  const ended = early.filter(({ facts }) => facts.operation === 'process')
  if (ended.length === 0) return null
  return {
    kind: 'work-after-end',
    severity: 'warn',
    affected: spansOf(ended),
    judgedCount: judged.length,
    what: 'Processing spans end before the work below them begins.',
    cost: 'Processing time is too short here, and a failure of the work does not mark the delivery.',
  }
}

const checkPhantoms: Check = ({ taken }) => {
  const phantoms = taken.filter(({ span }) => isPhantomAttempt(span))
  if (phantoms.length === 0) return null
  return {
    kind: 'phantom-attempts',
    severity: 'note',
    affected: spansOf(phantoms),
    judgedCount: taken.length,
    what: 'Waiting for a retry to become due is reported as a failed attempt.',
    cost: 'Error rates of this service are too high elsewhere; here such attempts are told by their exception.',
  }
}

/** What the durations of spans stand for. */
export const DURATION_CHECKS: readonly Check[] = [
  checkBatchAsOne,
  checkBatchDurations,
  checkFetchOnly,
  checkWorkAfterEnd,
  checkPhantoms,
]
