import type { DatabaseClient } from '#db/client.ts'
import { type AskedRequest, askCollector, type CollectorAnswer } from '#db/store/collector-request-store.ts'
import { Failure } from '#domain/failure.ts'

export type AskCollector = (asked: Omit<AskedRequest, 'id'>) => Promise<CollectorAnswer>

/** A person waits no longer than this. */
const TIMEOUT_MS = 10_000
/** Each question holds a connection of the process' pool while it waits. */
const MAX_AT_ONCE = 3

/** Asks collectors, but never so many questions at once that pages would wait for a connection. */
export function limitAsking(client: DatabaseClient): AskCollector {
  let openCount = 0
  return async (asked) => {
    if (openCount >= MAX_AT_ONCE) {
      throw new Failure('limit', 'other messages are being read right now; try again in a moment', { retryable: true })
    }
    openCount += 1
    try {
      return await askCollector(client, asked, TIMEOUT_MS)
    } finally {
      openCount -= 1
    }
  }
}
