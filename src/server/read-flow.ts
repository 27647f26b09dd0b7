import { setTimeout } from 'node:timers/promises'
import { listFlowDeadLetters, listFlowOperationItems } from '#db/store/flow-evidence.ts'
import { Failure } from '#domain/failure.ts'
import { assembleInParts } from '#domain/flow/assemble-flow.ts'
import type { FlowDeadLetter, FlowFacts } from '#domain/flow/flow.ts'
import { membersOf } from '#domain/flow/flow-members.ts'
import { shelve, type ShelvedFlow } from '#server/flow-shelf.ts'
import { readWitnesses } from '#server/read-witnesses.ts'
import { runInTurns } from '#server/run-in-turns.ts'
import type { Runtime } from '#server/runtime.ts'
import type { FlowSpans } from '#telemetry-store/telemetry-store.ts'

/** Spans that one flow page holds; beyond it the flow says what was left out. */
const SPAN_CAP = 100_000
/** Up to here a flow is read at once; of a larger one the hops come first, which a browser shows within a second. */
const SMALL_SPANS = 3_000
/** What a large flow opens with. */
const FIRST_HOPS = 12_000
/** A page asks every few seconds; what was read so shortly before is still true enough. */
const FRESH_MS = 1_500
/** What is dear to read stays for as many times as long as reading took, up to a minute. */
const FRESH_COSTS = 20
const MOST_FRESH_MS = 60_000
/** Windows and details come from the reading that the page was opened with. */
const HELD_MS = 600_000

/**
 * The flow to open a page with: what was read a moment ago, else anew. Of a large flow only the hops are placed at
 * first (`isWhole` is false), while the rest is read behind it.
 * @throws Failure `not-found` when nothing is known under the key
 */
export async function openFlow(runtime: Runtime, askedKey: string): Promise<ShelvedFlow> {
  const held = runtime.flowShelf.find(askedKey, runtime.nowMs() - MOST_FRESH_MS)
  if (held !== undefined && runtime.nowMs() - held.readAtMs <= freshFor(held)) return held
  // The page asks again and again while the rest is read; reading the hops anew each time would only hold that up.
  if (held !== undefined && runtime.flowShelf.isReading(`whole ${askedKey}`) && !held.isWhole) return held
  if (held?.isWhole === true && held.flow.summary.spanCount > SMALL_SPANS) return readWholeFlow(runtime, askedKey)
  return runtime.flowShelf.share(`open ${askedKey}`, () => readFirst(runtime, askedKey))
}

/** Any reading of the last minutes will do. @throws Failure as {@link openFlow} */
export async function readHeldFlow(runtime: Runtime, askedKey: string): Promise<ShelvedFlow> {
  return runtime.flowShelf.find(askedKey, runtime.nowMs() - HELD_MS) ?? openFlow(runtime, askedKey)
}

/** Everything up to the cap: what was read a moment ago, else anew. @throws Failure as {@link openFlow} */
export async function readWholeFlow(runtime: Runtime, askedKey: string, afterMs = 0): Promise<ShelvedFlow> {
  const held = runtime.flowShelf.find(askedKey, runtime.nowMs() - MOST_FRESH_MS)
  if (held?.isWhole === true && runtime.nowMs() - held.readAtMs <= freshFor(held)) return held
  return runtime.flowShelf.share(`whole ${askedKey}`, async () => {
    await setTimeout(afterMs)
    const startedMs = performance.now()
    const spans = await runtime.telemetry.readFlowSpans(askedKey, SPAN_CAP, 'all')
    return assemble(runtime, askedKey, spans, true, startedMs)
  })
}

function freshFor({ isWhole, costMs }: ShelvedFlow): number {
  return isWhole ? Math.min(MOST_FRESH_MS, Math.max(FRESH_MS, costMs * FRESH_COSTS)) : 0
}

async function readFirst(runtime: Runtime, askedKey: string): Promise<ShelvedFlow> {
  const startedMs = performance.now()
  let totalCount = await runtime.telemetry.countFlowSpans(askedKey)
  if (totalCount <= SMALL_SPANS) {
    const first = await runtime.telemetry.readFlowSpans(askedKey, SMALL_SPANS, 'all')
    if (first.omittedSpanCount === 0) return assemble(runtime, askedKey, first, true, startedMs)
    // An alias, or a flow that goes on in traces of other keys.
    totalCount = first.spans.length + first.omittedSpanCount + first.otherTraceSpanCount
  }
  const hops = await runtime.telemetry.readFlowSpans(askedKey, FIRST_HOPS, 'hops')
  const omittedSpanCount = Math.max(0, totalCount - hops.spans.length - hops.otherTraceSpanCount)
  const opened = await assemble(runtime, askedKey, { ...hops, omittedSpanCount }, false, startedMs)
  readBehind(runtime, askedKey)
  return opened
}

/** Whoever asks next finds the whole flow; a failure is met again, and told, by whoever asks then. */
function readBehind(runtime: Runtime, askedKey: string): void {
  // The answer with the hops leaves first: assembling a large flow holds the process for a moment.
  readWholeFlow(runtime, askedKey, 50).catch((error: unknown) =>
    runtime.log.warn({ err: error, flowKey: askedKey }, 'the rest of a large flow could not be read'),
  )
}

async function assemble(
  runtime: Runtime,
  askedKey: string,
  spans: FlowSpans,
  isWhole: boolean,
  startedMs: number,
): Promise<ShelvedFlow> {
  const facts = await addEvidence(runtime, askedKey, spans)
  const flow = await runInTurns(assembleInParts(facts, await readWitnesses(runtime, facts)))
  const [members, costMs] = [membersOf(spans.spans), performance.now() - startedMs]
  const shelved = await runInTurns(shelve({ flow, members, isWhole, readAtMs: runtime.nowMs(), costMs }))
  runtime.flowShelf.put(askedKey, shelved)
  return shelved
}

async function addEvidence(runtime: Runtime, askedKey: string, read: FlowSpans): Promise<FlowFacts> {
  const { flowKey, spans, caps, bridges, names, silentPolls } = read
  const omittedSpanCount = read.omittedSpanCount + read.otherTraceSpanCount
  const traceIds = [...new Set(spans.map((span) => span.traceId))].slice(0, 1_000)
  const deadLetters = await readDeadLetters(runtime, read, traceIds)
  const operationItems = await listFlowOperationItems(
    runtime.database,
    flowKey,
    traceIds,
    deadLetters.map((letter) => letter.id),
  )
  if (spans.length === 0 && deadLetters.length === 0 && operationItems.length === 0) {
    throw new Failure('not-found', `nothing is stored under ${askedKey}`)
  }
  return { flowKey, spans, omittedSpanCount, caps, deadLetters, operationItems, bridges, names, silentPolls }
}

/** Places of one flow that dead letters are looked for by; beyond it the traces must do. */
const MAX_PLACES = 500

async function readDeadLetters(
  runtime: Runtime,
  { flowKey, spans, partialTraceIds }: FlowSpans,
  traceIds: readonly string[],
): Promise<readonly FlowDeadLetter[]> {
  const places = spans.flatMap(({ messaging }) =>
    (messaging?.operation === 'process' || messaging?.operation === 'receive') &&
    messaging.destination !== null &&
    messaging.partition !== null &&
    messaging.offset !== null
      ? [{ destination: messaging.destination, position: `${messaging.partition}@${messaging.offset}` }]
      : [],
  )
  const fromUs = spans[0]?.startUs ?? 0
  const search = { flowKey, traceIds, places: places.slice(0, MAX_PLACES), fromUs }
  const found = await listFlowDeadLetters(runtime.database, search)
  const partial = new Set(partialTraceIds)
  const own = partial.size === 0 ? partial : new Set(spans.map(({ traceId, spanId }) => `${traceId}:${spanId}`))
  // In a trace that flows share, a dead letter that names a span is of the flow that the span belongs to.
  return found
    .filter(
      ({ isNamed, letter: { traceId, spanId } }) =>
        isNamed || traceId === null || spanId === null || !partial.has(traceId) || own.has(`${traceId}:${spanId}`),
    )
    .map(({ letter }) => letter)
}
