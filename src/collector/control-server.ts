import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Failure } from '#domain/failure.ts'

/** Consumers hold one each. */
const MAX_CONNECTIONS = 5_000
/** Of one request; how long its answer takes is another matter. */
const RECEIVE_LIMIT_MS = 10_000

export interface ControlServer {
  readonly port: number
  stop(): Promise<void>
}

export interface Readiness {
  readonly isReady: boolean
  /** What is in place and what is not, for whoever reads the probe. */
  readonly details: Readonly<Record<string, unknown>>
}

/**
 * GET /healthz: the process runs its event loop. GET /readyz: it can do its work now (503 while it cannot, with the
 * reason). POST /v1/consumer: the control channel of consumers. Port 0 takes any free one.
 *
 * @throws Failure `conflict` when the port is taken.
 */
export async function startControlServer(options: {
  readonly host: string
  readonly port: number
  readonly readReadiness: () => Promise<Readiness>
  readonly answerConsumer: (request: IncomingMessage, response: ServerResponse) => Promise<void>
}): Promise<ControlServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0]
    if (path === '/v1/consumer') return void options.answerConsumer(request, response)
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, { error: 'GET only' })
    if (path === '/healthz') return answer(response, 200, { status: 'alive' })
    if (path !== '/readyz') return answer(response, 404, { error: 'there are /healthz, /readyz and /v1/consumer' })
    options.readReadiness().then(
      ({ isReady, details }) =>
        answer(response, isReady ? 200 : 503, { status: isReady ? 'ready' : 'not ready', ...details }),
      (error: unknown) => answer(response, 503, { status: 'not ready', reason: String(error) }),
    )
  })
  server.maxConnections = MAX_CONNECTIONS
  server.headersTimeout = RECEIVE_LIMIT_MS
  server.requestTimeout = RECEIVE_LIMIT_MS
  await listen(server, options.host, options.port)
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function answer(response: ServerResponse, status: number, body: Record<string, unknown>): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${cause.message})`
      reject(new Failure('conflict', `the control port ${port} ${why}; set THROUGHLINE_CONTROL_PORT`, { cause }))
    })
    server.listen(port, host, resolve)
  })
}
