import { RecentMap } from '#telemetry-store/postgres/recent-map.ts'

/**
 * Remembers the flow keys of recent traces, so that spans without a key of their own are counted with the flow of their
 * trace. A key is the trace id itself when nothing better is known, or {@link MANY_KEYS}; unknown traces have none.
 */
export class TraceKeys extends RecentMap<string> {
  /** Learns that a span of the trace carries this key. Gives what was known before. */
  add(traceId: string, key: string): string | undefined {
    const before = this.find(traceId)
    if (before === undefined || before === traceId) this.set(traceId, key)
    else if (before !== key) this.set(traceId, MANY_KEYS)
    return before
  }
}

/** The trace holds spans of several flows: a span without a key belongs to none of them alone. */
export const MANY_KEYS = ''
