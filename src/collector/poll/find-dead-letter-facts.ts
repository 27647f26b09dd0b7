import type { FoundDeadLetter } from '#db/store/dead-letter-index-store.ts'
import { storeHeader } from '#db/stored-header.ts'
import { fingerprintOf } from '#domain/dead-letter/fingerprint.ts'
import type { DeathCertificate } from '#domain/dead-letter/dead-letter.ts'
import { readCorrelationId } from '#domain/dead-letter/read-correlation-id.ts'
import { readDeathCertificate } from '#domain/dead-letter/read-death-certificate.ts'
import { readMessageId, readVersionHeader } from '#domain/dead-letter/read-witness-hints.ts'
import { readTraceParent } from '#domain/dead-letter/read-trace-parent.ts'
import {
  headerText,
  ITEM_HEADER,
  OPERATION_HEADER,
  REDRIVE_COUNT_HEADER,
  type BrokerMessage,
  type Header,
} from '#domain/message.ts'
import { printPosition } from '#domain/position.ts'
import type { CorrelationRule } from '#domain/trace/correlation-rule.ts'

export const MAX_PAYLOAD_BYTES = 65_536
const MAX_STACK_LENGTH = 32_768
const MAX_MESSAGE_LENGTH = 8_192

export interface PlaceFacts {
  readonly originDestination: string | null
  readonly consumerGroup: string | null
  readonly retentionMs: number | null
}

/** Where messages of a destination have their correlation id in this installation; null = where the conventions say. */
export type FindRule = (destination: string) => CorrelationRule | null

/** Everything that one dead letter says, as a row; what the place is known for fills in what the message does not say. */
export function findDeadLetterFacts(
  message: BrokerMessage,
  place: PlaceFacts,
  nowMs: number,
  findRule: FindRule = () => null,
): FoundDeadLetter {
  const certificate = readDeathCertificate(message)
  const originDestination = clean(certificate.originDestination) ?? place.originDestination
  const fingerprint = fingerprintOf(certificate)
  const sender = readTraceParent(message.headers)
  const deadAtMs = message.brokerFailure?.diedAtMs ?? message.timestampMs ?? nowMs
  const size = message.payload?.length ?? 0
  return {
    position: printPosition(message.position),
    deadAtMs,
    expiresAtMs: place.retentionMs === null ? null : deadAtMs + place.retentionMs,
    dialect: certificate.dialect,
    originDestination,
    originPosition: clean(originPositionOf(certificate)),
    consumerGroup: groupOf(certificate, place),
    attempts: smallCount(certificate.attempts),
    exceptionClass: clean(certificate.exceptionClass, 1_024),
    exceptionMessage: clean(certificate.exceptionMessage, MAX_MESSAGE_LENGTH),
    stack: clean(certificate.stack, MAX_STACK_LENGTH),
    fingerprint: fingerprint.hash,
    fingerprintTitle: clean(fingerprint.title) ?? '',
    correlationId: clean(readCorrelationId(message, findRule(originDestination ?? message.destination))),
    traceId: sender?.traceId ?? null,
    spanId: sender?.spanId ?? null,
    messageKey: message.key,
    headers: message.headers.map(storeHeader),
    payload: message.payload === null ? null : message.payload.subarray(0, MAX_PAYLOAD_BYTES),
    payloadBytes: size,
    isPayloadCut: size > MAX_PAYLOAD_BYTES,
    redriveCount: smallCount(wholeNumber(headerText(message.headers, REDRIVE_COUNT_HEADER))) ?? 0,
    serviceVersion: readVersionHeader(message.headers),
    hasMessageId: readMessageId(message.headers) !== null,
    ...readReturn(message.headers),
  }
}

/** The message's own word first, except Connect's: it names the connector, which may read under another group's name. */
function groupOf({ consumerGroup, dialect }: DeathCertificate, place: PlaceFacts): string | null {
  const said = clean(consumerGroup)
  return dialect === 'kafka-connect' ? (place.consumerGroup ?? said) : (said ?? place.consumerGroup)
}

function originPositionOf({ originPartition, originOffset }: DeathCertificate): string | null {
  return originOffset === null ? null : printPosition({ lane: originPartition ?? '', sequence: originOffset })
}

/** Which operation item's copy came back, when both of our marks are there and well formed. */
function readReturn(headers: readonly Header[]): Pick<FoundDeadLetter, 'returnOfOperationId' | 'returnOfItem'> {
  const operation = headerText(headers, OPERATION_HEADER)
  const item = smallCount(wholeNumber(headerText(headers, ITEM_HEADER)))
  const isOurs = operation !== null && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(operation) && item !== null
  return isOurs
    ? { returnOfOperationId: operation, returnOfItem: item }
    : { returnOfOperationId: null, returnOfItem: null }
}

function clean(text: string | null, maxLength = 4_096): string | null {
  return text === null ? null : text.slice(0, maxLength).replaceAll('\u0000', '\ufffd')
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text.trim()) ? Number(text) : null
}

/** null for what no int column holds: the header was not a count. */
function smallCount(count: number | null): number | null {
  return count !== null && Number.isInteger(count) && count >= 0 && count <= 2_147_483_647 ? count : null
}
