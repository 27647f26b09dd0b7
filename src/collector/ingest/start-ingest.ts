import { once } from 'node:events'
import { ServerCredentials } from '@grpc/grpc-js'
import type pg from 'pg'
import { type CorrelationInForce, CONVENTIONS_ALONE } from '#collector/correlation/watch-correlation-rules.ts'
import { createGrpcReceiver } from '#collector/ingest/grpc-receiver.ts'
import { createHttpReceiver } from '#collector/ingest/http-receiver.ts'
import { IngestCounts } from '#collector/ingest/ingest-counts.ts'
import { openSpanIntake } from '#collector/ingest/open-span-intake.ts'
import type { SamplingRule } from '#collector/ingest/sampling/hold-book.ts'
import type { Sampler } from '#collector/ingest/sampling/open-sampler.ts'
import { Failure } from '#domain/failure.ts'
import type { Log } from '#log.ts'
import type { TelemetryWriter } from '#telemetry-store/telemetry-store.ts'

export interface IngestOptions {
  readonly pool: pg.Pool
  /** 0 = any free port. */
  readonly httpPort: number
  readonly grpcPort: number
  readonly host: string
  readonly log: Log
  /** Where this installation has its correlation ids; the conventions alone unless given. */
  readonly correlation?: CorrelationInForce
  /** Bytes of requests that may wait for their commit; beyond, senders are told to come back. */
  readonly maxQueuedBytes?: number
  /** Which flows are kept; all of them unless told otherwise. */
  readonly sampling?: SamplingRule
}

export interface Ingest {
  readonly httpPort: number
  readonly grpcPort: number
  readonly telemetry: TelemetryWriter
  readonly counts: IngestCounts
  /** null = every flow is kept. */
  readonly sampler: Sampler | null
  /** Stops listening, lets what was accepted be committed and answered, writes the last sums. */
  stop(): Promise<void>
}

/** Receives OTLP over HTTP and gRPC and stores spans; every request is answered after its commit. */
export async function startIngest(options: IngestOptions): Promise<Ingest> {
  const { log, host } = options
  const intake = await openSpanIntake(options)
  const { queue, repeats, sampler, telemetry } = intake
  const counts = new IngestCounts()
  const context = { queue, repeats, sampler, counts, log, correlation: options.correlation ?? CONVENTIONS_ALONE }
  const http = createHttpReceiver(context)
  const grpc = createGrpcReceiver(context)
  http.listen(options.httpPort, host)
  await once(http, 'listening')
  const grpcPort = await bindGrpc(grpc, host, options.grpcPort)
  const address = http.address()
  return {
    httpPort: address !== null && typeof address === 'object' ? address.port : options.httpPort,
    grpcPort,
    telemetry,
    counts,
    sampler,
    stop: async () => {
      const closed = once(http, 'close')
      http.close()
      http.closeIdleConnections()
      await queue.drain()
      http.closeIdleConnections()
      const forced = setTimeout(() => http.closeAllConnections(), 2_000)
      await closed
      clearTimeout(forced)
      await closeGrpc(grpc)
      await intake.close()
    },
  }
}

/** Lets calls end; senders that keep their connection open are cut off after two seconds. */
async function closeGrpc(server: ReturnType<typeof createGrpcReceiver>): Promise<void> {
  const forced = setTimeout(() => server.forceShutdown(), 2_000)
  await new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
  clearTimeout(forced)
}

function bindGrpc(server: ReturnType<typeof createGrpcReceiver>, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(
      `${host.includes(':') ? `[${host}]` : host}:${port}`,
      ServerCredentials.createInsecure(),
      (error, bound) => {
        if (error === null) resolve(bound)
        else
          reject(
            new Failure('conflict', `OTLP/gRPC cannot listen on ${host}:${port}: ${error.message}`, { cause: error }),
          )
      },
    )
  })
}
