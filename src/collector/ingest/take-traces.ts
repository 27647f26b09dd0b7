import type { CorrelationInForce } from '#collector/correlation/watch-correlation-rules.ts'
import type { IngestQueue } from '#collector/ingest/ingest-queue.ts'
import { RepeatFilter, type Repeats } from '#collector/ingest/repeats.ts'
import { walkTraces } from '#collector/ingest/walk-traces.ts'
import type { Sampler, Taken } from '#collector/ingest/sampling/open-sampler.ts'
import type { PartialSuccess } from '#otlp/export-answer.ts'
import { dayNumber } from '#telemetry-store/postgres/copy-row.ts'
import type { StagedOutcome } from '#telemetry-store/postgres/span-batch-writer.ts'
import { StagedSpans } from '#telemetry-store/postgres/staged-spans.ts'

/**
 * Decodes an inflated export request and stores its spans. Resolves after the commit; a request whose bytes were
 * committed before is answered in the same way and stored once.
 * @throws Failure `invalid` for a body that is not OTLP; a retryable one when it cannot be stored now.
 */
export async function takeTraces(body: Buffer, isJson: boolean, intake: TraceIntake): Promise<PartialSuccess> {
  const { report, outcome } =
    intake.sampler === null
      ? await takeAll(body, isJson, intake)
      : await intake.sampler.take(body, isJson, intake.correlation.rules)
  const warnings = [...report.warnings]
  if (outcome.refusedRowCount > 0) warnings.push(`${outcome.refusedRowCount} spans were refused by the database`)
  return { rejectedSpanCount: report.rejectedSpanCount + outcome.refusedRowCount, message: warnings.join('; ') }
}

export interface TraceIntake {
  readonly queue: IngestQueue
  readonly repeats: Repeats
  /** null = every flow is kept. */
  readonly sampler: Sampler | null
  /** Asked anew for every request. */
  readonly correlation: CorrelationInForce
}

async function takeAll(body: Buffer, isJson: boolean, intake: TraceIntake): Promise<Taken> {
  const { repeats, correlation } = intake
  const staged = new StagedSpans(dayNumber(Date.now()), correlation.rules)
  let report
  try {
    report = walkTraces(body, isJson, staged)
  } catch (error) {
    staged.release()
    throw error
  }
  const familiar = repeats.note(staged.spanIds)
  if (familiar.length > 0) {
    staged.release()
    return { report, outcome: await (await submitFresh(body, isJson, intake, familiar)).outcome }
  }
  return { report, outcome: await submit(staged, body, intake.queue) }
}

/** Submits what is not stored yet of a request. Gives the outcome in a box: it is waited for after the turn has ended. */
async function submitFresh(
  body: Buffer,
  isJson: boolean,
  { repeats, correlation, queue }: TraceIntake,
  familiar: readonly string[],
): Promise<{ readonly outcome: Promise<StagedOutcome> }> {
  const endTurn = await repeats.takeTurn()
  try {
    const stored = await repeats.findStored(familiar)
    const staged = new StagedSpans(dayNumber(Date.now()), correlation.rules)
    walkTraces(body, isJson, new RepeatFilter(staged, familiar, stored))
    return { outcome: submit(staged, body, queue) }
  } finally {
    endTurn()
  }
}

function submit(staged: StagedSpans, body: Buffer, queue: IngestQueue): Promise<StagedOutcome> {
  if (staged.rowCount === 0) {
    staged.release()
    return Promise.resolve({ isDuplicate: false, refusedRowCount: 0 })
  }
  staged.nameRequest(body)
  return queue.submit(staged)
}
