import type { HotKey, RepeatedMessage, Taker, TakerAttempts } from '#domain/attempt/attempt.ts'
import { countAttempts } from '#domain/attempt/count-attempts.ts'
import { type Effects, findEffects } from '#domain/attempt/find-effects.ts'
import type { SpanRecord } from '#domain/trace/span.ts'
import type { Runtime } from '#server/runtime.ts'

const MAX_REPEATED = 100
const MAX_RUNS_SHOWN = 20
const STEP_COUNT = 60

export interface RetriesAnswer {
  readonly nowMs: number
  /** The time that was looked at: later than asked for when it was too full. */
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
  readonly isShortened: boolean
  readonly takers: readonly TakerAttempts[]
  readonly repeated: readonly RepeatedRow[]
  /** Repeated messages beyond those that are listed. */
  readonly omittedCount: number
  readonly hotKeys: readonly HotKey[]
}

export interface RepeatedRow extends Taker {
  readonly id: string
  readonly kind: RepeatedMessage['kind']
  readonly messageKey: string | null
  readonly correlationId: string | null
  readonly runCount: number
  /** How many runs, not marked as failed, sent or called something. */
  readonly effectiveRunCount: number
  /** The first of them. */
  readonly runs: readonly RunRow[]
}

interface RunRow extends Effects {
  readonly traceId: string
  readonly spanId: string
  readonly startUs: number
  readonly durationUs: number
  readonly isFailed: boolean
}

/** How often messages were worked on lately, of one destination or of all. */
export async function readRetries(
  runtime: Runtime,
  query: { readonly windowMs: number; readonly destination: string | null },
): Promise<RetriesAnswer> {
  const nowMs = runtime.nowMs()
  const asked = { fromUs: (nowMs - query.windowMs) * 1000, toUs: nowMs * 1000, destination: query.destination }
  const { spans, fromUs } = await runtime.telemetry.readTakenSpans(asked)
  const stepMs = Math.max(1000, Math.ceil((nowMs - fromUs / 1000) / STEP_COUNT / 1000) * 1000)
  const { takers, repeated, hotKeys } = countAttempts(spans, stepMs * 1000)
  const listed = repeated.slice(0, MAX_REPEATED)
  const traces = await readTracesOf(runtime, listed)
  return {
    nowMs,
    fromMs: fromUs / 1000,
    toMs: nowMs,
    stepMs,
    isShortened: fromUs > asked.fromUs,
    takers,
    repeated: listed.map((message) => toRow(message, traces)),
    omittedCount: repeated.length - listed.length,
    hotKeys,
  }
}

async function readTracesOf(
  { telemetry }: Runtime,
  messages: readonly RepeatedMessage[],
): Promise<ReadonlyMap<string, readonly SpanRecord[]>> {
  const ids = messages.flatMap(({ runs }) => runs.slice(0, MAX_RUNS_SHOWN).map(({ span }) => span.traceId))
  return Map.groupBy(await telemetry.readTraces([...new Set(ids)]), ({ traceId }) => traceId)
}

function toRow(message: RepeatedMessage, traces: ReadonlyMap<string, readonly SpanRecord[]>): RepeatedRow {
  const { destination, service, consumerGroup, id, kind, messageKey, correlationId } = message
  const runs = message.runs.slice(0, MAX_RUNS_SHOWN).map(({ span, isFailed }) => ({
    traceId: span.traceId,
    spanId: span.spanId,
    startUs: span.startUs,
    durationUs: span.durationUs,
    isFailed,
    ...findEffects(span, traces.get(span.traceId) ?? []),
  }))
  return {
    destination,
    service,
    consumerGroup,
    id,
    kind,
    messageKey,
    correlationId,
    runs,
    runCount: message.runs.length,
    effectiveRunCount: runs.filter((run) => !run.isFailed && run.sentCount + run.callCount > 0).length,
  }
}
