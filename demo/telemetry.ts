import { register } from 'node:module'
import type { Span } from '@opentelemetry/api'
import { AmqplibInstrumentation } from '@opentelemetry/instrumentation-amqplib'
import { KafkaJsInstrumentation, type MessageInfo } from '@opentelemetry/instrumentation-kafkajs'
import { NodeSDK } from '@opentelemetry/sdk-node'

/**
 * Loaded before anything else (`node --import ./demo/telemetry.ts`), as every instrumented Node service does it. The
 * SDK takes its endpoint, service name and version from the standard OTEL_* variables.
 */
register('@opentelemetry/instrumentation/hook.mjs', import.meta.url)

/** The stock instrumentation records no correlation id; these few lines add it, on both sides of every hop. */
function recordCorrelationId(span: Span, { message }: MessageInfo): void {
  const id = message.headers?.['correlation-id']
  if (id !== undefined) span.setAttribute('messaging.message.conversation_id', String(id))
}

const sdk = new NodeSDK({
  instrumentations: [
    new KafkaJsInstrumentation({ producerHook: recordCorrelationId, consumerHook: recordCorrelationId }),
    // It records the property correlation-id by itself.
    new AmqplibInstrumentation(),
  ],
})
sdk.start()

/** Sends what is still in memory; without it the last second of spans is lost. */
export async function stopTelemetry(): Promise<void> {
  await sdk.shutdown()
}
