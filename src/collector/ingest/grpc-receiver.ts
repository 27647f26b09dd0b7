import {
  type handleUnaryCall,
  Metadata,
  type MethodDefinition,
  type sendUnaryData,
  Server,
  type ServiceDefinition,
  type StatusObject,
  status,
} from '@grpc/grpc-js'
import { type ReceiverContext, RETRY_AFTER_SECONDS } from '#collector/ingest/http-receiver.ts'
import { takeTraces } from '#collector/ingest/take-traces.ts'
import { toFailure } from '#domain/failure.ts'
import { encodeAnswer, encodeStatus, RPC_CODE } from '#otlp/export-answer.ts'
import { OTLP_LIMITS } from '#otlp/otlp-limits.ts'

const same = (bytes: Buffer): Buffer => bytes

const exportMethod = (signal: string): ServiceDefinition => {
  const method: MethodDefinition<Buffer, Buffer> = {
    path: `/opentelemetry.proto.collector.${signal.toLowerCase()}.v1.${signal}Service/Export`,
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  }
  return { Export: method }
}

/** OTLP/gRPC. Not bound to a port yet. Messages over 20 MiB are answered RESOURCE_EXHAUSTED, which is not retried. */
export function createGrpcReceiver(context: ReceiverContext): Server {
  const server = new Server({
    'grpc.max_receive_message_length': OTLP_LIMITS.maxBodyBytes,
    'grpc.keepalive_permit_without_calls': 1,
  })
  const exportTraces: handleUnaryCall<Buffer, Buffer> = (call, callback) => {
    void answerTraces(call.request, context, callback)
  }
  const ignore =
    (signal: 'metrics' | 'logs'): handleUnaryCall<Buffer, Buffer> =>
    (_call, callback) => {
      context.counts.countIgnored(signal)
      callback(null, Buffer.alloc(0))
    }
  server.addService(exportMethod('Trace'), { Export: exportTraces })
  server.addService(exportMethod('Metrics'), { Export: ignore('metrics') })
  server.addService(exportMethod('Logs'), { Export: ignore('logs') })
  return server
}

async function answerTraces(body: Buffer, context: ReceiverContext, callback: sendUnaryData<Buffer>): Promise<void> {
  let answer
  try {
    answer = encodeAnswer(await takeTraces(body, false, context))
  } catch (error) {
    callback(statusObject(error, context))
    return
  }
  callback(null, answer)
}

/** What is retryable goes as UNAVAILABLE with a RetryInfo; what the sender must change as INVALID_ARGUMENT. */
function statusObject(error: unknown, context: ReceiverContext): StatusObject {
  const failure = toFailure(error)
  context.counts.countRefused(failure, context.log)
  const metadata = new Metadata()
  if (failure.retryable) {
    metadata.set('grpc-status-details-bin', encodeStatus(RPC_CODE.unavailable, failure.message, RETRY_AFTER_SECONDS))
    return { code: status.UNAVAILABLE, details: failure.message, metadata }
  }
  if (failure.code === 'invalid') return { code: status.INVALID_ARGUMENT, details: failure.message, metadata }
  return { code: status.INTERNAL, details: 'internal error', metadata }
}
