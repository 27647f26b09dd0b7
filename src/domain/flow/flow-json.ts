import { z } from 'zod'

/** What is downloaded as JSON. Changes that break a reader raise `version`; new fields do not. */
export const FLOW_JSON_VERSION = 1

const us = z.number().describe('Microseconds since the epoch, by the clock of whoever says it')
const spanEnd = z.object({
  service: z.string(),
  traceId: z.string(),
  spanId: z.string(),
})

const member = z
  .object({
    traceId: z.string(),
    services: z.array(z.string()),
    spanCount: z.number().int().min(1),
    errorCount: z.number().int().min(0),
    startedUs: us,
    endedUs: us,
  })
  .describe('A trace that belongs to the flow, wholly or in part')

const hop = z
  .object({
    id: z.string().describe('Unique in the flow'),
    system: z.string().describe('`messaging.system`: kafka, rabbitmq, aws_sqs, ...'),
    destination: z.string(),
    position: z
      .object({ partition: z.string().nullable(), offset: z.string() })
      .nullable()
      .describe('Where it was in the destination; null when nobody says'),
    messageId: z.string().nullable(),
    sent: spanEnd.extend({ atUs: us.nullable() }).nullable().describe('null when the sender was not seen'),
    received: spanEnd.extend({ atUs: us }).nullable().describe('null when no receiver was seen'),
    settledUs: us.nullable().describe('When the receiver was done with it'),
    group: z
      .object({
        name: z.string().nullable(),
        clusterId: z.string().nullable(),
        confidence: z.enum(['said', 'certain', 'likely', 'unknown']),
        evidence: z.string(),
      })
      .nullable()
      .describe('For which consumer group it was taken and how that is known; null without a receiver'),
    attempt: z.number().int().min(1).nullable(),
    dwellUs: z
      .number()
      .nullable()
      .describe('received - sent; negative when the clocks disagree; null without both ends'),
    isSkewed: z.boolean(),
    isDwellBounded: z.boolean().describe('The span stands for more than this message, so that dwellUs is only near'),
    outcome: z.enum(['processed', 'failed', 'dead-lettered', 'in-flight', 'waiting', 'unknown']),
    joinedBy: z.string().describe('What joined the two ends: link, parent, message-id, position, ... or none'),
    joinConfidence: z.enum(['certain', 'likely', 'one-of', 'none']).describe('none: one end is missing'),
    oneOf: z
      .number()
      .int()
      .nullable()
      .describe(
        'Of how many outputs of a batch this may be the one that belongs to the flow; null when it surely does',
      ),
  })
  .describe('One delivery of one message')

const verdict = z
  .object({
    group: z.string(),
    clusterId: z.string().nullable(),
    destination: z.string(),
    readFrom: z.string(),
    kind: z.enum(['taken', 'waiting', 'passed', 'not-seen']),
    sentence: z.string(),
    advice: z.string().nullable(),
    sentUs: us.nullable(),
    hopId: z.string().nullable(),
  })
  .describe('What became of one message for one group that should take it')

const deadLetter = z.object({
  id: z.string(),
  clusterId: z.string(),
  destination: z.string(),
  position: z.string(),
  originDestination: z.string().nullable(),
  deadUs: us,
  exceptionClass: z.string().nullable(),
  exceptionMessage: z.string().nullable(),
  state: z.enum(['open', 'redriven', 'discarded', 'expired']),
})

const operation = z
  .object({
    operationId: z.string(),
    number: z.number().int(),
    kind: z.string(),
    actor: z.string(),
    reason: z.string(),
    sentUs: us,
    deadLetterId: z.string().nullable(),
    destination: z.string(),
    position: z.string().nullable(),
    outcome: z.enum(['unknown', 'processed', 'failed-again', 'not-seen']),
    traceId: z.string(),
    spanId: z.string(),
  })
  .describe('A copy that an operation of Throughline sent into the flow')

const total = z.object({
  kind: z.enum(['processing', 'queue', 'back-off', 'parked', 'idle']),
  durationUs: z.number(),
})

/** The format of a downloaded flow; docs/flow-json.md explains it. No payloads and no attributes are in it. */
export const flowJsonSchema = z.object({
  format: z.literal('throughline-flow'),
  version: z.literal(FLOW_JSON_VERSION),
  exportedAt: z.iso.datetime(),
  flowKey: z.string(),
  status: z.enum(['completed', 'failed', 'dead-lettered', 'redriven', 'running']),
  statusSentence: z.string(),
  startedUs: us,
  endedUs: us,
  spanCount: z.number().int().min(0),
  errorCount: z.number().int().min(0),
  timeTotals: z.array(total).describe('Where the time went; the sum is endedUs - startedUs'),
  criticalPath: z.array(z.string()),
  criticalTotals: z.array(total),
  names: z
    .array(
      z.object({
        id: z.string(),
        foundIn: z.string(),
        destination: z.string(),
        position: z.string(),
        joinedTraceCount: z.number().int().min(0).describe('Traces that nothing but this id joins'),
      }),
    )
    .describe('Ids that no span carries, with the record of the broker that says them'),
  members: z.array(member),
  hops: z.array(hop),
  verdicts: z.array(verdict),
  deadLetters: z.array(deadLetter),
  operations: z.array(operation),
  caps: z.array(z.string()).describe('What was cut off and why, in words; empty when the flow is complete'),
  doubts: z.array(z.string()).describe('What makes it less certain than it looks'),
  omittedSpanCount: z.number().int().min(0),
})

export type FlowJson = z.infer<typeof flowJsonSchema>
