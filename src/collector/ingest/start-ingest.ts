import { once } from 'node:events'
import { ServerCredentials } from '@grpc/grpc-js'
import type pg from 'pg'
import { createGrpcReceiver } from '#collector/ingest/grpc-receiver.ts'
import { createHttpReceiver } from '#collector/ingest/http-receiver.ts'
import { IngestCounts } from '#collector/ingest/ingest-counts.ts'
import { IngestQueue } from '#collector/ingest/ingest-queue.ts'
import { Failure } from '#domain/failure.ts'
import type { Log } from '#log.ts'
import { dayNumber } from '#telemetry-store/postgres/copy-row.ts'
import { SpanBatchWriter } from '#telemetry-store/postgres/span-batch-writer.ts'
import { stageOwnSpans } from '#telemetry-store/postgres/stage-own-spans.ts'
import { ensurePartitions } from '#telemetry-store/postgres/telemetry-partitions.ts'
import type { TelemetryWriter } from '#telemetry-store/telemetry-store.ts'

export interface IngestOptions {
  /** Two of its connections are in use under load, a third now and then. */
  readonly pool: pg.Pool
  /** 0 = any free port. */
  readonly httpPort: number
  readonly grpcPort: number
  readonly host: string
  readonly log: Log
  /** Bytes of requests that may wait for their commit; beyond, senders are told to come back. */
  readonly maxQueuedBytes?: number
}

export interface Ingest {
  readonly httpPort: number
  readonly grpcPort: number
  readonly telemetry: TelemetryWriter
  readonly counts: IngestCounts
  /** Stops listening, lets what was accepted be committed and answered, writes the last sums. */
  stop(): Promise<void>
}

const DEFAULT_QUEUED_BYTES = 64 * 1024 * 1024
const ROLLUP_EVERY_MS = 1_000
const PARTITIONS_EVERY_MS = 60 * 60_000

/** Receives OTLP over HTTP and gRPC and stores spans; every request is answered after its commit. */
export async function startIngest(options: IngestOptions): Promise<Ingest> {
  const { pool, log, host } = options
  const writer = new SpanBatchWriter(pool)
  const queue = new IngestQueue(writer, options.maxQueuedBytes ?? DEFAULT_QUEUED_BYTES)
  const counts = new IngestCounts()
  const context = { queue, counts, log }
  const http = createHttpReceiver(context)
  const grpc = createGrpcReceiver(context)
  const keepPartitions = () =>
    ensurePartitions(pool, Date.now()).catch((error: unknown) => log.warn({ err: error }, 'no telemetry partitions'))
  const flushRollups = () =>
    writer.flushRollups(Date.now()).catch((error: unknown) => log.warn({ err: error }, 'rollups wait'))
  await keepPartitions()
  http.listen(options.httpPort, host)
  await once(http, 'listening')
  const grpcPort = await bindGrpc(grpc, host, options.grpcPort)
  const timers = [
    setInterval(() => void flushRollups(), ROLLUP_EVERY_MS),
    setInterval(() => void keepPartitions(), PARTITIONS_EVERY_MS),
  ]
  const address = http.address()
  return {
    httpPort: address !== null && typeof address === 'object' ? address.port : options.httpPort,
    grpcPort,
    counts,
    telemetry: {
      recordOwnSpans: async (spans) => {
        if (spans.length > 0) await queue.submit(stageOwnSpans(spans, dayNumber(Date.now())))
      },
    },
    stop: async () => {
      for (const timer of timers) clearInterval(timer)
      const closed = once(http, 'close')
      http.close()
      http.closeIdleConnections()
      await queue.drain()
      http.closeIdleConnections()
      const forced = setTimeout(() => http.closeAllConnections(), 2_000)
      await closed
      clearTimeout(forced)
      await closeGrpc(grpc)
      await queue.drain()
      await flushRollups()
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
