import { z } from 'zod'
import { findAttributeIndex } from '#db/store/attribute-index-store.ts'
import type { Runtime } from '#server/runtime.ts'
import type { FlowQuery } from '#telemetry-store/telemetry-store.ts'

const MAX_WINDOW_MS = 31 * 86_400_000
/** The last millisecond whose microseconds a double holds exactly. */
const MAX_TIME_MS = 9_007_199_254_740
const MAX_DURATION_MS = 366 * 86_400_000
/** Waits and attempts below these are what every message has. */
const LEAST_DWELL_MS = 1_000
const LEAST_ATTEMPT = 2

// Postgres has no NUL in texts; nothing that is stored has one.
const text = z
  .string()
  .max(300)
  .refine((value) => !value.includes('\0'))
const name = text.nullable().default(null)
const duration = z.number().min(0).max(MAX_DURATION_MS).nullable().default(null)
const moment = z.number().min(0).max(MAX_TIME_MS)

/** What flows are looked for, as the browser asks it. Times are milliseconds. */
export const flowQuestion = {
  id: name,
  service: name,
  destination: name,
  consumerGroup: name,
  status: z.enum(['all', 'error', 'dead-lettered', 'redriven', 'ok']).default('all'),
  failure: name,
  messageKey: name,
  minDurationMs: duration,
  maxDurationMs: duration,
  minDwellMs: z.number().min(LEAST_DWELL_MS).max(MAX_DURATION_MS).nullable().default(null),
  minAttempt: z.number().int().min(LEAST_ATTEMPT).max(1_000_000).nullable().default(null),
  attribute: z
    .object({ key: text.min(1), value: name })
    .nullable()
    .default(null),
  fromMs: moment,
  toMs: moment,
}

interface TimeWindow {
  readonly fromMs: number
  readonly toMs: number
}

export const isWindow = ({ fromMs, toMs }: TimeWindow): boolean => toMs > fromMs && toMs - fromMs <= MAX_WINDOW_MS

export type FlowQuestion = z.output<z.ZodObject<typeof flowQuestion>>

const toUs = (milliseconds: number): number => Math.round(milliseconds * 1_000)
const toUsOrNull = (milliseconds: number | null): number | null => (milliseconds === null ? null : toUs(milliseconds))

/** The same as the store takes it, with how far the postings of the attribute reach. */
export async function readFlowQuery(
  runtime: Runtime,
  question: FlowQuestion,
  page: { readonly limit: number; readonly cursor: string | null },
): Promise<FlowQuery> {
  const { fromMs, toMs, minDurationMs, maxDurationMs, minDwellMs, attribute, ...rest } = question
  return {
    ...rest,
    ...page,
    fromUs: toUs(fromMs),
    toUs: toUs(toMs),
    minDurationUs: toUsOrNull(minDurationMs),
    maxDurationUs: toUsOrNull(maxDurationMs),
    minDwellUs: toUsOrNull(minDwellMs),
    attribute:
      attribute === null ? null : { ...attribute, index: await findAttributeIndex(runtime.database, attribute.key) },
  }
}
