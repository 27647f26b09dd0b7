import type { IngestQueue } from '#collector/ingest/ingest-queue.ts'
import type { CorrelationRules } from '#domain/trace/correlation-rule.ts'
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
export async function takeTraces(
  body: Buffer,
  isJson: boolean,
  queue: IngestQueue,
  rules: CorrelationRules,
): Promise<PartialSuccess> {
  const staged = new StagedSpans(dayNumber(Date.now()), rules)
  let report
  try {
    report = isJson ? walkJsonTraces(body, staged) : walkProtobufTraces(body, staged)
  } catch (error) {
    staged.release()
    throw error
  }
  if (staged.rowCount === 0) staged.release()
  else staged.nameRequest(body)
  const outcome = staged.rowCount === 0 ? { refusedRowCount: 0 } : await queue.submit(staged)
  const warnings = [...report.warnings]
  if (outcome.refusedRowCount > 0) warnings.push(`${outcome.refusedRowCount} spans were refused by the database`)
  return { rejectedSpanCount: report.rejectedSpanCount + outcome.refusedRowCount, message: warnings.join('; ') }
}
