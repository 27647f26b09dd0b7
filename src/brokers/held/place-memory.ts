import { randomUUID } from 'node:crypto'

/** A look at a whole queue. */
export interface WholeLook<Message extends { readonly sequence: string }> {
  /** In the order in which they would be delivered, as far as the broker keeps one. */
  readonly messages: readonly Message[]
  /** Whether everything that waits there was seen. */
  readonly isWhole: boolean
  /** Others take from the queue, so that what was not seen may be with them. */
  readonly hasOthers: boolean
}

/** What is remembered of messages that have gone, before everything is told anew. */
const MAX_FORGOTTEN = 20_000

/**
 * What of a place has been told already. A queue has no offsets, so a checkpoint says how many of the messages that this
 * memory has told the reader has kept; a checkpoint of another memory (before a restart) counts for nothing, and all are
 * told again.
 */
export interface PlaceMemory {
  /** Whether a new look would tell nothing, as far as the count shows. */
  isUnchanged(checkpoint: string | null, count: number, withinMs: number): boolean
  /** The messages that the holder of this checkpoint does not know, in the order of the queue. */
  recordLook<Message extends { readonly sequence: string }>(
    checkpoint: string | null,
    look: WholeLook<Message>,
  ): readonly Message[]
  /** This one is told now. */
  note(sequence: string): void
  checkpoint(): string
  /** What the latest look saw; null when it did not see everything. */
  present(): ReadonlySet<string> | null
}

interface LatestLook {
  readonly atMs: number
  readonly count: number
  readonly present: ReadonlySet<string> | null
  /** How many of them are still to be told. */
  untold: number
}

export function createPlaceMemory(): PlaceMemory {
  let epoch = randomUUID()
  let told: string[] = []
  let known = new Set<string>()
  let latest: LatestLook | null = null

  const rewind = (checkpoint: string | null): void => {
    const [ofEpoch, count] = checkpoint?.split('/') ?? []
    told.length = Math.min(told.length, ofEpoch === epoch ? Number(count) : 0)
    known = new Set(told)
  }
  return {
    isUnchanged(checkpoint, count, withinMs) {
      if (latest === null || latest.present === null || latest.untold > 0 || checkpoint !== `${epoch}/${told.length}`)
        return false
      return latest.count === count && performance.now() - latest.atMs < withinMs
    },
    recordLook(checkpoint, { messages, isWhole, hasOthers }) {
      if (checkpoint !== `${epoch}/${told.length}`) rewind(checkpoint)
      if (told.length > messages.length + MAX_FORGOTTEN) {
        epoch = randomUUID()
        told = []
        known = new Set()
      }
      const present = isWhole && !hasOthers ? new Set(messages.map(({ sequence }) => sequence)) : null
      const fresh = messages.filter(({ sequence }) => !known.has(sequence))
      latest = { atMs: performance.now(), count: messages.length, present, untold: fresh.length }
      return fresh
    },
    note(sequence) {
      told.push(sequence)
      known.add(sequence)
      if (latest !== null) latest.untold -= 1
    },
    checkpoint: () => `${epoch}/${told.length}`,
    present: () => latest?.present ?? null,
  }
}
