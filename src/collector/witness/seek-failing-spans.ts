import type { CollectorContext } from '#collector/duty.ts'
import { knownMessageOf, reasonOf } from '#collector/witness/death-of-letter.ts'
import {
  putOffWitnesses,
  saveWitnesses,
  takeDueWitnesses,
  takeReasons,
  type DueWitness,
  type FoundWitness,
} from '#db/store/witness-store.ts'
import { findFailingSpan, type FailingSpan } from '#domain/dead-letter/find-failing-span.ts'
import type { SpanLink, SpanRecord } from '#domain/trace/span.ts'
import { readReceipts, type Receipt } from '#telemetry-store/postgres/read-receipts.ts'

export type WitnessScope = Pick<CollectorContext, 'client' | 'telemetry' | 'log'>

/** Dead letters of one batch: their traces are read whole, at most 500 spans each. */
const BATCH = 50
const TRACES_PER_READ = 200
/** Spans come late, those of consumers most: a letter is looked for again after these times, then given up. */
const WAITS_MS = [5_000, 15_000, 45_000, 120_000, 300_000]

/**
 * Looks for the failing spans of dead letters that are due: by the span that the message names, else by its id or
 * position. A letter without a reason takes the span's exception and moves to the failure group of that.
 *
 * @returns how many letters were looked at; a full batch means that more are due
 */
export async function seekFailingSpans({ client, telemetry }: WitnessScope): Promise<{ readonly isFull: boolean }> {
  const due = await takeDueWitnesses(client.database, BATCH)
  if (due.length === 0) return { isFull: false }
  const receipts = await readReceipts(client.pool, due.map(knownMessageOf))
  const deliveries = await telemetry.readDeliveriesOf(due.flatMap((letter) => linkOf(letter) ?? []))
  const receivers = deliveries.map(({ receiver }) => receiver)
  const traceIds = [
    ...due.flatMap(({ traceId }) => traceId ?? []),
    ...[...receipts, ...receivers].map((one) => one.traceId),
  ]
  const spans = await readTraces(telemetry, traceIds)
  const found = due.flatMap((letter, place) => {
    const failing = findOf(
      letter,
      receipts.filter((receipt) => receipt.place === place),
      spans,
    )
    return failing === null ? [] : [{ letter, ...failing }]
  })
  const witnesses = await Promise.all(found.map((one) => describeWitness(telemetry, one)))
  await saveWitnesses(client.database, witnesses)
  await takeReasons(
    client.database,
    found.flatMap(({ letter, exception }) => reasonOf(letter, exception) ?? []),
  )
  const seen = new Set(found.map(({ letter }) => letter.id))
  await putOffWitnesses(
    client.database,
    due.filter(({ id }) => !seen.has(id)).map(({ id, tryCount }) => ({ id, waitMs: WAITS_MS[tryCount] ?? null })),
  )
  return { isFull: due.length === BATCH }
}

interface Found extends FailingSpan {
  readonly letter: DueWitness
  readonly by: FoundWitness['foundBy']
}

function linkOf({ traceId, spanId }: DueWitness): SpanLink | null {
  return traceId === null || spanId === null ? null : { traceId, spanId }
}

const idOf = ({ traceId, spanId }: SpanLink): string => `${traceId}${spanId}`

/** By the trace parent where it leads anywhere; else by id, else by position. */
function findOf(
  letter: DueWitness,
  receipts: readonly Receipt[],
  spans: ReadonlyMap<string, readonly SpanRecord[]>,
): Omit<Found, 'letter'> | null {
  const { deadAtMs, consumerGroup } = letter
  const traceParent = linkOf(letter)
  const near = [...new Set([...(traceParent === null ? [] : [traceParent]), ...receipts].map(({ traceId }) => traceId))]
  const known = near.flatMap((traceId) => spans.get(traceId) ?? [])
  const linked = traceParent === null ? [] : (spans.get(`to ${idOf(traceParent)}`) ?? [])
  const byParent = findFailingSpan({ traceParent, deadAtMs, consumerGroup }, new Set(), [...known, ...linked])
  if (byParent !== null) return { ...byParent, by: 'trace-parent' }
  for (const by of ['message-id', 'position'] as const) {
    const takers = new Set(receipts.filter((receipt) => receipt.by === by).map(idOf))
    const taken =
      takers.size === 0 ? null : findFailingSpan({ traceParent: null, deadAtMs, consumerGroup }, takers, known)
    if (taken !== null) return { ...taken, by }
  }
  return null
}

/** Spans by trace, and under `to` + id whole traces that hold a span which links to that id. */
async function readTraces(
  telemetry: WitnessScope['telemetry'],
  traceIds: readonly string[],
): Promise<ReadonlyMap<string, readonly SpanRecord[]>> {
  const wanted = [...new Set(traceIds)]
  const found = new Map<string, SpanRecord[]>()
  for (let from = 0; from < wanted.length; from += TRACES_PER_READ) {
    const spans = await telemetry.readTraces(wanted.slice(from, from + TRACES_PER_READ))
    for (const [traceId, of] of Map.groupBy(spans, (span) => span.traceId)) {
      found.set(traceId, of)
      for (const link of new Set(of.flatMap(({ links }) => links.map(idOf)))) {
        found.set(`to ${link}`, [...(found.get(`to ${link}`) ?? []), ...of])
      }
    }
  }
  return found
}

async function describeWitness(telemetry: WitnessScope['telemetry'], { letter, receiver, failing, by }: Found) {
  const detail = await telemetry.readSpanDetail(receiver.traceId, receiver.spanId)
  return {
    id: letter.id,
    foundBy: by,
    traceId: failing.traceId,
    spanId: failing.spanId,
    service: receiver.service,
    serviceVersion: detail?.span.serviceVersion ?? null,
  }
}
