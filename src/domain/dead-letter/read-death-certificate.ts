import type { DeathCertificate } from '#domain/dead-letter/dead-letter.ts'
import { DIALECTS, type Dialect } from '#domain/dead-letter/dialect.ts'
import { indexHeaders, readNumber, readText, readTimeMs, type HeaderIndex } from '#domain/dead-letter/header-value.ts'
import { parseStackTrace } from '#domain/dead-letter/stack-trace.ts'
import { businessException, isWrapperClass } from '#domain/dead-letter/wrapper-exception.ts'
import type { BrokerMessage } from '#domain/message.ts'

/** Dialect names for what no header dialect wrote. */
export const BROKER_DIALECT = 'broker'
export const NO_DIALECT = 'none'

/**
 * What a dead letter says about its death, in whichever dialect of DIALECTS it is written, completed by what the broker
 * itself keeps. The exception is the business one: the declared cause, or the first exception of the printed stack that
 * is not a framework's wrapper.
 */
export function readDeathCertificate(message: BrokerMessage): DeathCertificate {
  const index = indexHeaders(message.headers)
  const dialect = DIALECTS.find(({ marks }) => marks.some((mark) => index.has(mark)))
  const fromHeaders = dialect === undefined ? readFunctionRecord(message) : readDialect(dialect, index)
  return mergeBrokerFailure(fromHeaders, message)
}

function readDialect(dialect: Dialect, index: HeaderIndex): DeathCertificate {
  const origin = readText(index, dialect.destination)
  const group = readText(index, dialect.group ?? [])
  const stack = readText(index, dialect.stack ?? [])
  const certificate: DeathCertificate = {
    dialect: dialect.name,
    originDestination: origin === null ? null : lastPart(dialect.name, origin),
    originPartition: readNumber(index, dialect.partition ?? []),
    originOffset: readNumber(index, dialect.offset ?? []),
    originTimestampMs: readTimeMs(index, dialect.timestamp ?? []),
    consumerGroup: group === null ? null : `${dialect.groupPrefix ?? ''}${group}`,
    attempts: readAttempts(dialect, index),
    ...readException(dialect, index, stack),
    stack,
  }
  return dialect.name === 'rabbitmq' ? { ...certificate, ...readDeaths(index) } : certificate
}

/** Addresses shortened to the name that the inventory knows: queue@machine, rabbitmq://host/queue?x, arn:...:queue. */
function lastPart(dialectName: string, origin: string): string {
  if (dialectName === 'nservicebus') return origin.split('@')[0] ?? origin
  if (dialectName === 'masstransit') return origin.split('?')[0]?.split('/').at(-1) ?? origin
  if (dialectName === 'sqs') return origin.split(':').at(-1) ?? origin
  return origin
}

function readAttempts(dialect: Dialect, index: HeaderIndex): number | null {
  const counted = readNumber(index, dialect.attempts ?? [])
  if (counted !== null) return Number(counted)
  const ahead = dialect.attemptsAhead === undefined ? null : readNumber(index, dialect.attemptsAhead.names)
  return ahead === null ? null : Math.max(0, Number(ahead) - (dialect.attemptsAhead?.by ?? 0))
}

type ExceptionPart = Pick<DeathCertificate, 'exceptionClass' | 'exceptionMessage'>

function readException(dialect: Dialect, index: HeaderIndex, stack: string | null): ExceptionPart {
  const declared = readText(index, dialect.causeClass ?? []) ?? readText(index, dialect.exceptionClass ?? [])
  return resolveException(declared, readText(index, dialect.message ?? []), stack)
}

/** The declared class, unless it is a wrapper and the stack knows better; with the message of that same exception. */
function resolveException(declared: string | null, message: string | null, stack: string | null): ExceptionPart {
  const chain = stack === null ? [] : parseStackTrace(stack)
  const known = declared === null ? undefined : chain.find((traced) => traced.exceptionClass === declared)
  if (declared !== null && !isWrapperClass(declared)) {
    return { exceptionClass: declared, exceptionMessage: known?.message ?? message }
  }
  const business = businessException(chain)
  return {
    exceptionClass: business?.exceptionClass ?? declared,
    exceptionMessage: business?.message ?? message,
  }
}

/** RabbitMQ's x-death, newest first, when the adapter passes it on as JSON; it knows a reason but no exception. */
function readDeaths(index: HeaderIndex): Partial<DeathCertificate> {
  const death = firstObject(parseJson(readText(index, ['x-death'])))
  if (death === null) return {}
  const count = Number(death['count'])
  return {
    ...(typeof death['queue'] === 'string' ? { originDestination: death['queue'], consumerGroup: death['queue'] } : {}),
    ...(typeof death['reason'] === 'string' ? { exceptionMessage: death['reason'] } : {}),
    attempts: Number.isFinite(count) ? count : null,
  }
}

const NOTHING: DeathCertificate = {
  dialect: NO_DIALECT,
  originDestination: null,
  originPartition: null,
  originOffset: null,
  originTimestampMs: null,
  consumerGroup: null,
  attempts: null,
  exceptionClass: null,
  exceptionMessage: null,
  stack: null,
}

/** AWS Lambda's record of a failed invocation is the body itself: requestContext beside requestPayload. */
function readFunctionRecord(message: BrokerMessage): DeathCertificate {
  const start = message.payload?.[0]
  if (message.payload === null || start !== 0x7b || message.payload.length > 262_144) return NOTHING
  const text = new TextDecoder().decode(message.payload)
  if (!text.includes('"requestContext"')) return NOTHING
  const body = parseJson(text)
  const context = asObject(body?.['requestContext'])
  if (typeof context?.['condition'] !== 'string') return NOTHING
  const response = asObject(body?.['responsePayload'])
  const stack = response?.['stackTrace']
  const count = Number(context['approximateInvokeCount'])
  return {
    ...NOTHING,
    dialect: 'lambda',
    consumerGroup: textOrNull(context['functionArn']),
    attempts: Number.isFinite(count) ? count : null,
    exceptionClass: textOrNull(response?.['errorType']) ?? context['condition'],
    exceptionMessage: textOrNull(response?.['errorMessage']),
    stack: Array.isArray(stack) ? stack.join('\n') : null,
  }
}

function mergeBrokerFailure(certificate: DeathCertificate, message: BrokerMessage): DeathCertificate {
  const attempts = certificate.attempts ?? message.attempts
  const failure = message.brokerFailure
  if (failure === null) return { ...certificate, attempts }
  const stack = certificate.stack ?? failure.stack
  const resolved =
    certificate.exceptionClass === null && certificate.exceptionMessage === null
      ? resolveException(failure.errorClass, failure.errorMessage, stack)
      : certificate
  return {
    ...certificate,
    dialect: certificate.dialect === NO_DIALECT ? BROKER_DIALECT : certificate.dialect,
    originDestination: certificate.originDestination ?? failure.originDestination,
    originOffset: certificate.originOffset ?? failure.originPosition,
    attempts,
    exceptionClass: resolved.exceptionClass,
    exceptionMessage: resolved.exceptionMessage,
    stack,
  }
}

function parseJson(text: string | null): Record<string, unknown> | null {
  if (text === null) return null
  try {
    const value: unknown = JSON.parse(text)
    return asObject(value)
  } catch {
    // Headers and bodies are other people's: what is no JSON is simply no record of this kind.
    return null
  }
}

function firstObject(value: Record<string, unknown> | null): Record<string, unknown> | null {
  return value !== null && Array.isArray(value) ? asObject((value as unknown[])[0]) : value
}

function asObject(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
