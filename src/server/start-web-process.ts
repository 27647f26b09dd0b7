import { readWebConfig } from '#config.ts'
import { toFailure } from '#domain/failure.ts'
import { createLog } from '#log.ts'
import { startSelfTracing } from '#self-tracing.ts'

/** Checks the configuration and starts tracing ourselves. Ends the process when it cannot work as it is configured. */
export function startWebProcess(): void {
  try {
    const config = readWebConfig(process.env)
    startSelfTracing('throughline-web', process.env)
    createLog('web', config.LOG_LEVEL).info({ url: config.THROUGHLINE_URL }, 'the web process starts')
  } catch (error) {
    createLog('web', 'info').fatal({ err: toFailure(error) }, 'the web process cannot start')
    // Next would log the error and serve on.
    process.exit(78)
  }
}
