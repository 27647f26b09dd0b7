import { queueOfArn } from '#brokers/sqs/queue-directory.ts'
import type { BrokerFailure, Header } from '#domain/message.ts'

/** What the body of a message says about itself; the body stays as it is, because a copy has to be the same. */
export interface OpenedEnvelope {
  /** The attributes that SNS put into its envelope. */
  readonly headers: readonly Header[]
  readonly failure: BrokerFailure | null
}

const NOTHING: OpenedEnvelope = { headers: [], failure: null }
/** Longer bodies than SQS takes are none of its own. */
const MAX_BODY = 1_100_000

type Fields = Readonly<Record<string, unknown>>

/** Opens what SNS (delivery that is not raw) and Lambda (on-failure destination) write. Any other body is just a body. */
export function openEnvelope(body: string): OpenedEnvelope {
  if (body.length > MAX_BODY || !body.trimStart().startsWith('{')) return NOTHING
  const fields = parseFields(body)
  if (fields === null) return NOTHING
  if (fields['Type'] === 'Notification' && typeof fields['TopicArn'] === 'string') return openSns(fields)
  const context = fieldsOf(fields['requestContext'])
  if (context !== null && typeof context['functionArn'] === 'string') return openLambda(fields, context)
  return NOTHING
}

function openSns(fields: Fields): OpenedEnvelope {
  const headers: Header[] = []
  for (const [name, one] of Object.entries(fieldsOf(fields['MessageAttributes']) ?? {})) {
    const { Type: type, Value: value } = fieldsOf(one) ?? {}
    if (typeof value !== 'string') continue
    headers.push({ name, value: Buffer.from(value, type === 'Binary' ? 'base64' : 'utf8') })
  }
  return { headers, failure: null }
}

/** `responsePayload` is what the function answered: of a thrown error its class, words and stack. */
function openLambda(fields: Fields, context: Fields): OpenedEnvelope {
  const answer = fieldsOf(fields['responsePayload']) ?? {}
  const trace = answer['stackTrace'] ?? answer['trace']
  const diedAtMs = Date.parse(textOf(fields['timestamp']) ?? '')
  const words = textOf(answer['errorMessage']) ?? textOf(context['condition'])
  return {
    headers: [],
    failure: {
      errorClass: textOf(answer['errorType']) ?? textOf(fieldsOf(fields['responseContext'])?.['functionError']),
      errorMessage: words,
      stack: Array.isArray(trace) ? trace.map(String).join('\n') : null,
      originDestination: null,
      originPosition: textOf(context['requestId']),
      diedAtMs: Number.isNaN(diedAtMs) ? null : diedAtMs,
    },
  }
}

/** Where SQS moved it from, and what Lambda and SNS write into attributes of what they give up. */
export function readDeath(
  sourceArn: string | undefined,
  attribute: (name: string) => string | null,
  opened: OpenedEnvelope,
): BrokerFailure | null {
  if (opened.failure !== null) return opened.failure
  const errorMessage = attribute('ErrorMessage')
  const isGivenUp = errorMessage !== null && attribute('RequestID') !== null
  if (sourceArn === undefined && !isGivenUp) return null
  return {
    errorClass: null,
    errorMessage: isGivenUp ? errorMessage : null,
    stack: null,
    originDestination: sourceArn === undefined ? null : queueOfArn(sourceArn),
    originPosition: null,
    diedAtMs: null,
  }
}

function parseFields(body: string): Fields | null {
  try {
    return fieldsOf(JSON.parse(body))
  } catch {
    // No JSON: a body like any other.
    return null
  }
}

const fieldsOf = (value: unknown): Fields | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)
