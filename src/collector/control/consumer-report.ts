import { z } from 'zod'

const name = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    // Shown to people: nothing that breaks lines or hides in them.
    .regex(/^[^\p{Cc}\p{Cf}\u2028\u2029]*$/u, 'control characters')

/** What a consumer says of itself with every question (docs/operating/consumer-control.md). */
export const consumerReport = z.strictObject({
  cluster: name(100),
  group: name(300),
  /** Made by the consumer, new with every start. */
  member: z.string().regex(/^[A-Za-z0-9._-]{8,100}$/),
  name: name(200),
  state: z.enum(['running', 'pausing', 'paused', 'leaving']),
  lease: z.uuid().nullable(),
  inFlight: z.number().int().min(0).max(1_000_000_000).nullable(),
  problem: name(300).nullable(),
  /** `revision` of the last answer; null = none yet. */
  seen: z.string().max(200).nullable(),
  waitMs: z.number().int().min(0).max(30_000),
})
export type ConsumerReport = z.output<typeof consumerReport>
