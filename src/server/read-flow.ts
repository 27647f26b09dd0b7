import { listFlowDeadLetters, listFlowOperationItems } from '#db/store/flow-evidence.ts'
import { Failure } from '#domain/failure.ts'
import { assembleFlow } from '#domain/flow/assemble-flow.ts'
import type { Flow, FlowFacts } from '#domain/flow/flow.ts'
import { readWitnesses } from '#server/read-witnesses.ts'
import type { Runtime } from '#server/runtime.ts'

/** Spans that one flow page holds; beyond it the flow says what was left out. */
const SPAN_CAP = 10_000

/** Everything that is known of one flow. @throws Failure `not-found` when nothing is. */
export async function readFlowFacts(runtime: Runtime, askedKey: string): Promise<FlowFacts> {
  const { flowKey, spans, omittedSpanCount, caps } = await runtime.telemetry.readFlowSpans(askedKey, SPAN_CAP)
  const traceIds = [...new Set(spans.map((span) => span.traceId))].slice(0, 1_000)
  const deadLetters = await listFlowDeadLetters(runtime.database, flowKey, traceIds)
  const operationItems = await listFlowOperationItems(
    runtime.database,
    flowKey,
    traceIds,
    deadLetters.map((letter) => letter.id),
  )
  if (spans.length === 0 && deadLetters.length === 0 && operationItems.length === 0) {
    throw new Failure('not-found', `nothing is stored under ${askedKey}`)
  }
  return { flowKey, spans, omittedSpanCount, caps, deadLetters, operationItems }
}

/** The flow with what became of each message for each group that should take it. */
export async function readFlow(runtime: Runtime, flowKey: string): Promise<Flow> {
  const facts = await readFlowFacts(runtime, flowKey)
  return assembleFlow(facts, await readWitnesses(runtime, facts))
}
