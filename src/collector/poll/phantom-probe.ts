import type { Broker, LaneLag } from '#brokers/broker.ts'
import type { GroupVerdict } from '#db/store/lag-store.ts'
import type { LagState } from '#domain/lag/lag-status.ts'

/** The end of a transaction takes one position; more than a few in a row are no reason to read. */
const MAX_PHANTOMS = 3
/** Lanes read in one cycle; the others get their turn. */
const MAX_READS = 10
const READ_LIMIT_MS = 2_000
const SUSPICIOUS: readonly LagState[] = ['STOPPED', 'STALLED', 'LAGGING']

interface Known {
  readonly committed: number
  readonly end: number
  readonly phantomMessages: number
}

/**
 * Finds out whether what a group has not read are messages at all: the last position of a transaction is a control
 * record, which no consumer commits past, so that a lag of one stays for ever. Each lane is read once per position.
 */
export interface PhantomProbe {
  /** How many of the positions after the commit are known to hold no message. */
  countOf(lane: LaneLag): number
  /** Reads a few of the lanes that seem to stand still right before the end. Never fails: what cannot be read stays lag. */
  probe(broker: Broker, verdicts: readonly GroupVerdict[], signal: AbortSignal): Promise<void>
}

export function createPhantomProbe(): PhantomProbe {
  const known = new Map<string, Known>()
  const keyOf = (group: string, destination: string, lane: string) => JSON.stringify([group, destination, lane])
  return {
    countOf({ group, destination, lane, committed, end }) {
      const found = known.get(keyOf(group, destination, lane))
      return found?.committed === committed && found?.end === end ? found.phantomMessages : 0
    },
    async probe(broker, verdicts, signal) {
      const source = broker.replaySource
      if (source === undefined) return
      let reads = 0
      for (const { group, destination, evaluation } of verdicts) {
        if (!SUSPICIOUS.includes(evaluation.state)) continue
        for (const { lane, committed, start, end, lagMessages, state } of evaluation.lanes) {
          if (committed === null || committed < start || !SUSPICIOUS.includes(state)) continue
          if (lagMessages === null || lagMessages < 1 || lagMessages > MAX_PHANTOMS) continue
          const key = keyOf(group, destination, lane)
          const before = known.get(key)
          if (before?.committed === committed && before.end === end) continue
          if (reads >= MAX_READS) return
          reads += 1
          const positions = Array.from({ length: lagMessages }, (_, at) => ({ lane, sequence: String(committed + at) }))
          const limit = AbortSignal.any([signal, AbortSignal.timeout(READ_LIMIT_MS)])
          const messageCount = await source.readAt(destination, positions, limit).then(
            (messages) => messages.length,
            // Unread is not empty: the lag stays what it is, and is looked at again when it moves.
            () => lagMessages,
          )
          known.set(key, { committed, end, phantomMessages: messageCount === 0 ? lagMessages : 0 })
        }
      }
    },
  }
}
