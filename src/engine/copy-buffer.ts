import type { Copy } from '#engine/make-copies.ts'

/** What is read and not yet sent, by lane. Bounded, so that little live data is held and none of it grows old. */
export interface CopyBuffer {
  /** Resolves when there is room for more, or the buffer is closed. */
  readonly whenRoomy: () => Promise<void>
  /** Takes over copies in their order; those of one key always go to the same lane. */
  readonly put: (copies: readonly Copy[]) => void
  /** Nothing more will be put. */
  readonly end: () => void
  /** Everybody who waits goes on, and gets nothing. */
  readonly close: () => void
  /**
   * The next copies of a lane: as many as asked for, fewer when no more come or the others have filled the buffer.
   * Empty when there are none left. They count as held until they are released.
   */
  readonly take: (lane: number, count: number) => Promise<readonly Copy[]>
  readonly release: (copies: readonly Copy[]) => void
}

export interface BufferBound {
  readonly laneCount: number
  /** Beyond one of these no more is taken in. */
  readonly maxCopies: number
  readonly maxBytes: number
}

const bytesOf = (copies: readonly Copy[]): number => copies.reduce((sum, copy) => sum + copy.item.payloadBytes, 0)

export function createCopyBuffer({ laneCount, maxCopies, maxBytes }: BufferBound): CopyBuffer {
  const lanes: Copy[][] = Array.from({ length: laneCount }, () => [])
  let [heldCopies, heldBytes] = [0, 0]
  let [hasEnded, isClosed] = [false, false]
  let changed = Promise.withResolvers<void>()
  const tell = (): void => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  const isFull = (): boolean => heldCopies >= maxCopies || heldBytes >= maxBytes
  return {
    whenRoomy: async () => {
      while (isFull() && !isClosed) await changed.promise
    },
    put: (copies) => {
      for (const copy of copies) lanes[laneOf(copy, laneCount)]?.push(copy)
      heldCopies += copies.length
      heldBytes += bytesOf(copies)
      tell()
    },
    end: () => {
      hasEnded = true
      tell()
    },
    close: () => {
      isClosed = true
      tell()
    },
    take: async (lane, count) => {
      const waiting = lanes[lane] ?? []
      const isEnough = (): boolean => waiting.length >= count || (waiting.length > 0 && isFull()) || hasEnded
      while (!isEnough() && !isClosed) await changed.promise
      return isClosed ? [] : waiting.splice(0, count)
    },
    release: (copies) => {
      heldCopies -= copies.length
      heldBytes -= bytesOf(copies)
      tell()
    },
  }
}

/** By the key where there is one: that keeps its order. */
function laneOf({ item: { orderKey, ordinal } }: Copy, laneCount: number): number {
  return (orderKey === null ? ordinal : Number.parseInt(orderKey.slice(0, 6), 16)) % laneCount
}
