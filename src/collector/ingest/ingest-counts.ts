import type { Failure } from '#domain/failure.ts'
import type { Log } from '#log.ts'

const LOG_EVERY_MS = 10_000

/** What came in and was not stored. Logged at most every ten seconds: a flood must not become a flood of log lines. */
export class IngestCounts {
  readonly ignoredRequests = { metrics: 0, logs: 0 }
  refusedRequests = 0
  #loggedMs = 0

  countIgnored(signal: 'metrics' | 'logs'): void {
    this.ignoredRequests[signal] += 1
  }

  countRefused(failure: Failure, log: Log): void {
    this.refusedRequests += 1
    const nowMs = Date.now()
    if (nowMs - this.#loggedMs < LOG_EVERY_MS) return
    this.#loggedMs = nowMs
    const level = failure.retryable || failure.code === 'internal' ? 'warn' : 'info'
    log[level]({ err: failure, refusedRequests: this.refusedRequests }, 'telemetry refused')
  }
}
