import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { IngestCounts } from '#collector/ingest/ingest-counts.ts'
import { readBody } from '#collector/ingest/read-body.ts'
import { takeTraces, type TraceIntake } from '#collector/ingest/take-traces.ts'
import { Failure, toFailure } from '#domain/failure.ts'
import type { Log } from '#log.ts'
import { answerAsJson, encodeAnswer, encodeStatus, type PartialSuccess, RPC_CODE } from '#otlp/export-answer.ts'

export const RETRY_AFTER_SECONDS = 2

export interface ReceiverContext extends TraceIntake {
  readonly counts: IngestCounts
  readonly log: Log
}

const PROTOBUF = 'application/x-protobuf'
const JSON_TYPE = 'application/json'
const NOTHING_REJECTED: PartialSuccess = { rejectedSpanCount: 0, message: '' }

/** OTLP/HTTP: protobuf or JSON, plain, gzip or deflate. Not listening yet. */
export function createHttpReceiver(context: ReceiverContext): Server {
  const server = createServer((request, response) => void answer(request, response, context))
  server.requestTimeout = 30_000
  server.headersTimeout = 10_000
  server.keepAliveTimeout = 65_000
  return server
}

async function answer(request: IncomingMessage, response: ServerResponse, context: ReceiverContext): Promise<void> {
  const contentType = mediaType(request)
  try {
    const partial = await receive(request, contentType, context)
    const isJson = contentType === JSON_TYPE
    respond(response, 200, isJson ? JSON_TYPE : PROTOBUF, isJson ? answerAsJson(partial) : encodeAnswer(partial))
  } catch (error) {
    refuse(request, response, contentType, error, context)
  }
}

async function receive(
  request: IncomingMessage,
  contentType: string,
  context: ReceiverContext,
): Promise<PartialSuccess> {
  const path = (request.url ?? '').split('?')[0]
  if (path !== '/v1/traces' && path !== '/v1/metrics' && path !== '/v1/logs')
    throw new Failure('not-found', `no OTLP endpoint ${path}; use /v1/traces`)
  if (request.method !== 'POST') throw new WrongMethod()
  if (contentType !== PROTOBUF && contentType !== JSON_TYPE)
    throw new Failure(
      'unsupported',
      `content-type ${contentType || '(none)'} is not supported; use ${PROTOBUF} or ${JSON_TYPE}`,
    )
  const body = await readBody(request, context.queue)
  if (path !== '/v1/traces') {
    context.counts.countIgnored(path === '/v1/metrics' ? 'metrics' : 'logs')
    return NOTHING_REJECTED
  }
  return takeTraces(body, contentType === JSON_TYPE, context)
}

class WrongMethod extends Failure {
  constructor() {
    super('unsupported', 'use POST')
  }
}

const mediaType = (request: IncomingMessage): string =>
  (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  contentType: string,
  error: unknown,
  context: ReceiverContext,
): void {
  if (
    response.destroyed ||
    response.headersSent ||
    (request.destroyed && !request.complete && response.socket === null)
  )
    return
  const failure = toFailure(error)
  const { status, code } = statusOf(failure)
  context.counts.countRefused(failure, context.log)
  if (failure.retryable) response.setHeader('Retry-After', String(RETRY_AFTER_SECONDS))
  if (failure instanceof WrongMethod) response.setHeader('Allow', 'POST')
  // What is left of the body is not read: the connection cannot be used again.
  if (!request.complete) response.setHeader('Connection', 'close')
  const message = status === 500 ? 'internal error' : failure.message
  if (contentType === JSON_TYPE) respond(response, status, JSON_TYPE, JSON.stringify({ code, message }))
  else respond(response, status, PROTOBUF, encodeStatus(code, message, null))
}

/** HTTP status and RPC code of a refusal. Senders retry 429, 502, 503 and 504 and nothing else. */
function statusOf(failure: Failure): { readonly status: number; readonly code: number } {
  if (failure.retryable) return { status: 503, code: RPC_CODE.unavailable }
  if (failure instanceof WrongMethod) return { status: 405, code: RPC_CODE.unimplemented }
  switch (failure.code) {
    case 'invalid':
      return { status: 400, code: RPC_CODE.invalidArgument }
    case 'limit':
      return { status: 413, code: RPC_CODE.resourceExhausted }
    case 'unsupported':
      return { status: 415, code: RPC_CODE.invalidArgument }
    case 'not-found':
      return { status: 404, code: RPC_CODE.notFound }
    default:
      return { status: 500, code: RPC_CODE.internal }
  }
}

function respond(response: ServerResponse, status: number, contentType: string, body: Buffer | string): void {
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
}
