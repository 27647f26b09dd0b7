import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import { consumerReport, type ConsumerReport } from '#collector/control/consumer-report.ts'
import { type KnownMember, openMemberLedger } from '#collector/control/member-ledger.ts'
import type { OrderBook } from '#collector/control/order-book.ts'
import { readSmallBody } from '#collector/control/read-small-body.ts'
import { pause } from '#collector/pause.ts'
import type { Database } from '#db/client.ts'
import { toFailure } from '#domain/failure.ts'
import type { Log } from '#log.ts'

/** The largest honest report is a tenth of this. */
const MAX_BODY_BYTES = 8_192
/** Questions held open at once; those beyond are answered at once and asked to come back later. */
const MAX_HELD = 2_000
/** A consumer that does not wait is made to. */
const LEAST_GAP_MS = 250
const BUSY_ASK_AGAIN_MS = 15_000

export interface ConsumerChannel {
  /** Answers one request to the channel; whatever comes, an answer goes out. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>
}

export interface ConsumerChannelOptions {
  readonly database: Database
  readonly orders: OrderBook
  /** Each opens the channel; none = it is closed. */
  readonly tokens: readonly string[]
  readonly log: Log
  readonly maxHeld?: number
}

/**
 * POST /v1/consumer: a consumer reports what it does and is told whether to take messages, at once when it does not do
 * so, else when the order changes or its patience ends.
 */
export function openConsumerChannel({
  database,
  orders,
  tokens,
  log,
  maxHeld = MAX_HELD,
}: ConsumerChannelOptions): ConsumerChannel {
  const digests = tokens.map(digest)
  const members = openMemberLedger(database)
  let heldCount = 0

  const hold = async (
    report: ConsumerReport,
    entry: KnownMember | null,
    response: ServerResponse,
  ): Promise<boolean> => {
    if (heldCount >= maxHeld) return false
    const gone = new AbortController()
    const leave = () => gone.abort()
    response.once('close', leave)
    heldCount += 1
    try {
      const tooSoonMs = LEAST_GAP_MS - (performance.now() - (entry?.answeredAt ?? Number.NEGATIVE_INFINITY))
      if (tooSoonMs > 0) await pause(tooSoonMs, gone.signal)
      await orders.waitForChange(report.cluster, report.group, report.seen, report.waitMs, gone.signal)
      return true
    } finally {
      heldCount -= 1
      response.off('close', leave)
    }
  }

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readSmallBody(request, MAX_BODY_BYTES)
    if (body === null) return refuse(response, 413, `at most ${MAX_BODY_BYTES} bytes`)
    const parsed = consumerReport.safeParse(parseJson(body))
    if (!parsed.success) return refuse(response, 400, sayIssue(parsed.error.issues[0]))
    const report = parsed.data
    if (orders.isClusterKnown(report.cluster) === false) return refuse(response, 404, `no cluster ${report.cluster}`)
    const entry = await members.record(report, request.socket.remoteAddress ?? 'unknown')
    if (report.state === 'leaving')
      return send(response, 200, { order: 'run', revision: 'run', lease: null, askAgainMs: 0 })
    const wasHeld = await hold(report, entry, response)
    const order = orders.orderOf(report.cluster, report.group)
    if (order === null) return refuse(response, 503, 'pauses cannot be read now')
    if (entry !== null) entry.answeredAt = performance.now()
    const askAgainMs = wasHeld ? 0 : BUSY_ASK_AGAIN_MS
    send(response, 200, { order: order.lease === null ? 'run' : 'pause', ...order, askAgainMs })
  }

  return {
    async answer(request, response) {
      try {
        const refusal = findRefusal(request, digests)
        if (refusal === null) return await take(request, response)
        refuse(response, refusal.status, refusal.error)
      } catch (error) {
        log.warn({ reason: toFailure(error).message }, 'a consumer could not be answered')
        refuse(response, 503, 'it could not be answered now')
      }
    },
  }
}

function findRefusal(request: IncomingMessage, digests: readonly Buffer[]): { status: number; error: string } | null {
  if (request.method !== 'POST') return { status: 405, error: 'POST only' }
  if (digests.length === 0) return { status: 503, error: 'the channel is closed: no token is set on the collector' }
  const given = /^Bearer ([\x21-\x7e]{1,500})$/.exec(request.headers.authorization ?? '')?.[1]
  const isKnown = given !== undefined && digests.map((known) => timingSafeEqual(known, digest(given))).includes(true)
  if (!isKnown) return { status: 401, error: 'the token is not one of the collector’s' }
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  return type === 'application/json' ? null : { status: 415, error: 'application/json only' }
}

const digest = (token: string): Buffer => createHash('sha256').update(token).digest()

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

const sayIssue = (issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined): string =>
  `${issue?.path.map(String).join('.') || 'the report'}: ${issue?.message ?? 'not understood'}`

const refuse = (response: ServerResponse, status: number, error: string): void => send(response, status, { error })

function send(response: ServerResponse, status: number, body: Readonly<Record<string, unknown>>): void {
  if (response.headersSent || response.destroyed) return
  // What was refused may still be sending: the connection is not used again.
  if (status >= 400) response.setHeader('connection', 'close')
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}
