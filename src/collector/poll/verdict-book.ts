import type { GroupState, GroupVerdict, NewConsumerEvent } from '#db/store/lag-store.ts'
import { printMessages } from '#domain/lag/print-lag.ts'

/** An unchanged verdict is written again after about so long, so that nobody takes it for forgotten. */
const WRITE_EVERY_MS = 45_000
const WRITE_SPREAD_MS = 30_000
/** A group that complete readings did not show so often in a row is gone. */
const ABSENCES = 2

interface Entry {
  readonly group: string
  readonly destination: string
  state: string
  fingerprint: string
  writtenAtMs: number
  readonly writeEveryMs: number
  absentCount: number
  /** By how much it had stepped back when that was last noted. */
  rewoundBy: number
}

export interface BookedVerdicts {
  /** Those that say something else than what is stored, or have not been confirmed for about a minute. */
  readonly changed: readonly GroupVerdict[]
  readonly gone: readonly Pick<GroupVerdict, 'group' | 'destination'>[]
  readonly events: readonly NewConsumerEvent[]
}

/** What was last written of each group of a cluster: decides what is worth a row, and what happened between two polls. */
export interface VerdictBook {
  book(verdicts: readonly GroupVerdict[], isComplete: boolean, atMs: number): BookedVerdicts
}

/** @param stored the verdicts in the database when the book is opened */
export function openVerdictBook(stored: readonly GroupState[]): VerdictBook {
  const entries = new Map<string, Entry>()
  const entryOf = ({ group, destination }: Pick<GroupVerdict, 'group' | 'destination'>, state: string): Entry => {
    const key = `${group}\u0000${destination}`
    const known = entries.get(key)
    if (known !== undefined) return known
    const writeEveryMs = WRITE_EVERY_MS + ((entries.size * 7_919) % WRITE_SPREAD_MS)
    const entry = {
      group,
      destination,
      state,
      writeEveryMs,
      fingerprint: '',
      writtenAtMs: 0,
      absentCount: 0,
      rewoundBy: 0,
    }
    entries.set(key, entry)
    return entry
  }
  for (const one of stored) entryOf(one, one.state)
  return {
    book(verdicts, isComplete, atMs) {
      const changed: GroupVerdict[] = []
      const events: NewConsumerEvent[] = []
      const seen = new Set<Entry>()
      for (const verdict of verdicts) {
        const entry = entryOf(verdict, '')
        seen.add(entry)
        entry.absentCount = 0
        events.push(...eventsOf(entry, verdict, atMs))
        const fingerprint = fingerprintOf(verdict)
        if (fingerprint === entry.fingerprint && atMs - entry.writtenAtMs < entry.writeEveryMs) continue
        entry.fingerprint = fingerprint
        entry.writtenAtMs = atMs
        changed.push(verdict)
      }
      const gone: Entry[] = []
      for (const [key, entry] of entries) {
        if (!isComplete || seen.has(entry) || ++entry.absentCount < ABSENCES) continue
        entries.delete(key)
        gone.push(entry)
        events.push({ ...nameOf(entry), atMs, kind: 'gone', state: null, sentence: GONE })
      }
      return { changed, gone, events }
    },
  }
}

const GONE = 'The group, its positions or the destination were deleted.'

const nameOf = ({ group, destination }: Entry) => ({ group, destination })

/** What a person would see: a verdict with the same words and positions is the same one. */
const fingerprintOf = ({ evaluation }: GroupVerdict): string =>
  JSON.stringify([
    evaluation.state,
    evaluation.sentence,
    evaluation.drainOutlook,
    evaluation.lanes.map((lane) => [lane.state, lane.committed, lane.end, lane.start]),
  ])

/** Moves the entry on to the verdict. */
function eventsOf(entry: Entry, { evaluation }: GroupVerdict, atMs: number): NewConsumerEvent[] {
  const events: NewConsumerEvent[] = []
  const rewoundBy = evaluation.lanes.reduce((sum, lane) => sum + lane.rewoundBy, 0)
  if (rewoundBy > entry.rewoundBy) {
    const sentence = `Went back by ${printMessages(rewoundBy)}, which are taken again.`
    events.push({ ...nameOf(entry), atMs, kind: 'rewind', state: null, sentence })
  }
  entry.rewoundBy = rewoundBy
  if (evaluation.state !== entry.state) {
    events.push({ ...nameOf(entry), atMs, kind: 'state', state: evaluation.state, sentence: evaluation.sentence })
  }
  entry.state = evaluation.state
  return events
}
