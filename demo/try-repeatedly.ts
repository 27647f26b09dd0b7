import { SpanStatusCode, trace } from '@opentelemetry/api'

const BACK_OFF_MS = 40

/**
 * Tries up to `maxAttempts` times. Resolves to null when one try succeeded, else to the last error, which is then on
 * the active span: instrumentation sees only what leaves the handler, and a dead-lettered message leaves it quietly.
 */
export async function tryRepeatedly(maxAttempts: number, attempt: () => Promise<void>): Promise<Error | null> {
  for (let tried = 1; ; tried += 1) {
    try {
      await attempt()
      return null
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown))
      if (tried < maxAttempts) {
        await new Promise((resolve) => setTimeout(resolve, BACK_OFF_MS * tried))
        continue
      }
      const span = trace.getActiveSpan()
      span?.recordException(error)
      span?.setAttribute('error.type', error.name)
      span?.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
      return error
    }
  }
}
