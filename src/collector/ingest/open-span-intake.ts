import type pg from 'pg'
import { IngestQueue } from '#collector/ingest/ingest-queue.ts'
import { Repeats } from '#collector/ingest/repeats.ts'
import type { SamplingRule } from '#collector/ingest/sampling/hold-book.ts'
import { CONVENTIONS_ALONE, type CorrelationInForce } from '#collector/correlation/watch-correlation-rules.ts'
import { openSampler, type Sampler } from '#collector/ingest/sampling/open-sampler.ts'
import type { Log } from '#log.ts'
import { dayNumber } from '#telemetry-store/postgres/copy-row.ts'
import { hasWaitingRequests } from '#telemetry-store/postgres/sampling-rows.ts'
import { SpanBatchWriter } from '#telemetry-store/postgres/span-batch-writer.ts'
import { stageOwnSpans } from '#telemetry-store/postgres/stage-own-spans.ts'
import { ensurePartitions } from '#telemetry-store/postgres/telemetry-partitions.ts'
import type { TelemetryWriter } from '#telemetry-store/telemetry-store.ts'

/** The way of spans into Postgres: receivers put requests into the queue, the engine records its own spans. */
export interface SpanIntake {
  readonly queue: IngestQueue
  readonly repeats: Repeats
  /** null = every flow is kept. */
  readonly sampler: Sampler | null
  readonly telemetry: TelemetryWriter
  /** Lets what was accepted be committed and writes the last sums. */
  close(): Promise<void>
}

/** Bytes of requests that may wait for their commit unless told otherwise. */
const DEFAULT_QUEUED_BYTES = 64 * 1024 * 1024
const ROLLUP_EVERY_MS = 1_000
const PARTITIONS_EVERY_MS = 60 * 60_000

/** Opens the intake; a collector that receives no telemetry needs it too, for the spans of the copies that it sends. */
export async function openSpanIntake(options: {
  /** Two of its connections are in use under load, a third now and then. */
  readonly pool: pg.Pool
  readonly log: Log
  readonly maxQueuedBytes?: number
  readonly sampling?: SamplingRule
  readonly correlation?: CorrelationInForce
}): Promise<SpanIntake> {
  const { pool, log } = options
  const writer = new SpanBatchWriter(pool)
  const queue = new IngestQueue(writer, options.maxQueuedBytes ?? DEFAULT_QUEUED_BYTES)
  const keepPartitions = () =>
    ensurePartitions(pool, Date.now()).catch((error: unknown) => log.warn({ err: error }, 'no telemetry partitions'))
  const flushRollups = () =>
    writer.flushRollups(Date.now()).catch((error: unknown) => log.warn({ err: error }, 'rollups wait'))
  await keepPartitions()
  const { sampling: rule, correlation = CONVENTIONS_ALONE } = options
  const isSampling = rule !== undefined && (rule.share < 1 || (await hasWaitingRequests(pool)))
  const repeats = new Repeats(pool, queue)
  const sampler = isSampling ? await openSampler({ pool, queue, repeats, rule, correlation, log }) : null
  const timers = [
    setInterval(() => void flushRollups(), ROLLUP_EVERY_MS),
    setInterval(() => void keepPartitions(), PARTITIONS_EVERY_MS),
  ]
  return {
    queue,
    repeats,
    sampler,
    telemetry: {
      recordOwnSpans: async (spans) => {
        if (spans.length === 0) return
        sampler?.keepOwn(spans)
        await queue.submit(stageOwnSpans(spans, dayNumber(Date.now())))
      },
    },
    close: async () => {
      for (const timer of timers) clearInterval(timer)
      await sampler?.close()
      await queue.drain()
      await flushRollups()
    },
  }
}
