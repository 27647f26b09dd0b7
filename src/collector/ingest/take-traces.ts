import type { CorrelationInForce } from '#collector/correlation/watch-correlation-rules.ts'
import type { IngestQueue } from '#collector/ingest/ingest-queue.ts'
import type { CorrelationRules } from '#domain/trace/correlation-rule.ts'
import type { Sampler, Taken } from '#collector/ingest/sampling/open-sampler.ts'
import type { PartialSuccess } from '#otlp/export-answer.ts'
import { walkJsonTraces } from '#otlp/walk-json-traces.ts'
import { walkProtobufTraces } from '#otlp/walk-protobuf-traces.ts'
import { dayNumber } from '#telemetry-store/postgres/copy-row.ts'
import { StagedSpans } from '#telemetry-store/postgres/staged-spans.ts'

/**
 * Decodes an inflated export request and stores its spans. Resolves after the commit; a request whose bytes were
 * committed before is answered in the same way and stored once.
 * @throws Failure `invalid` for a body that is not OTLP; a retryable one when it cannot be stored now.
 */
export async function takeTraces(body: Buffer, isJson: boolean, intake: TraceIntake): Promise<PartialSuccess> {
  const { rules } = intake.correlation
  const { report, outcome } =
    intake.sampler === null
      ? await takeAll(body, isJson, intake.queue, rules)
      : await intake.sampler.take(body, isJson, rules)
  const warnings = [...report.warnings]
  if (outcome.refusedRowCount > 0) warnings.push(`${outcome.refusedRowCount} spans were refused by the database`)
  return { rejectedSpanCount: report.rejectedSpanCount + outcome.refusedRowCount, message: warnings.join('; ') }
}

export interface TraceIntake {
  readonly queue: IngestQueue
  /** null = every flow is kept. */
  readonly sampler: Sampler | null
  /** Asked anew for every request. */
  readonly correlation: CorrelationInForce
}

async function takeAll(body: Buffer, isJson: boolean, queue: IngestQueue, rules: CorrelationRules): Promise<Taken> {
  const staged = new StagedSpans(dayNumber(Date.now()), rules)
  let report
  try {
    report = isJson ? walkJsonTraces(body, staged) : walkProtobufTraces(body, staged)
  } catch (error) {
    staged.release()
    throw error
  }
  if (staged.rowCount === 0) {
    staged.release()
    return { report, outcome: { isDuplicate: false, refusedRowCount: 0 } }
  }
  staged.nameRequest(body)
  return { report, outcome: await queue.submit(staged) }
}
