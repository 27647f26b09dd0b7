import { NodeSDK } from '@opentelemetry/sdk-node'

/**
 * Traces this process itself, when OTEL_EXPORTER_OTLP_ENDPOINT says whereto; otherwise does nothing and costs nothing.
 * All other OTEL_* variables have their standard meaning. Gives the function that flushes and ends it.
 */
export function startSelfTracing(
  service: string,
  environment: Readonly<Record<string, string | undefined>>,
): () => Promise<void> {
  if (!environment['OTEL_EXPORTER_OTLP_ENDPOINT']) return () => Promise.resolve()
  const sdk = new NodeSDK({
    serviceName: environment['OTEL_SERVICE_NAME'] ?? service,
    // Spans alone: logs go to stdout, and figures of ourselves are in the database.
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
  })
  sdk.start()
  return () => sdk.shutdown()
}
