import type { HeldQueue } from '#brokers/sqs/held-queue.ts'

interface Place {
  readonly hold: HeldQueue
  turn: Promise<unknown>
  keptUntilMs: number
  timer: NodeJS.Timeout | undefined
}

/** How often SQS is told that what is held is still held: well within {@link HeldQueue}'s visibility timeout. */
const EXTEND_EVERY_MS = 7_000

/** Gives what is held of a queue to one call at a time, and gives it back when nobody needs it any more. */
export interface HoldTurns {
  /** @param keepMs for so long after the call the messages stay held, for the next one */
  take<Result>(queue: string, keepMs: number, act: (hold: HeldQueue) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

export function createHoldTurns(hold: (queue: string) => HeldQueue): HoldTurns {
  const places = new Map<string, Place>()

  const placeOf = (queue: string): Place => {
    const known = places.get(queue)
    if (known !== undefined) return known
    const place: Place = { hold: hold(queue), turn: Promise.resolve(), keptUntilMs: 0, timer: undefined }
    places.set(queue, place)
    return place
  }
  const inTurn = <Result>(place: Place, act: () => Promise<Result>): Promise<Result> => {
    const mine = place.turn.then(act, act)
    place.turn = mine.catch(() => undefined)
    return mine
  }
  const giveBackInTime = async (place: Place): Promise<void> => {
    const waitMs = place.keptUntilMs - performance.now()
    clearTimeout(place.timer)
    if (waitMs > 0) {
      place.timer = setTimeout(() => void inTurn(place, () => giveBackInTime(place)), waitMs)
      return
    }
    await place.hold.giveBack()
  }
  const extending = async <Result>(place: Place, act: () => Promise<Result>): Promise<Result> => {
    const timer = setInterval(() => void place.hold.extend(), EXTEND_EVERY_MS)
    try {
      return await act()
    } finally {
      clearInterval(timer)
    }
  }

  return {
    take: (queue, keepMs, act) => {
      const place = placeOf(queue)
      return inTurn(place, async () => {
        try {
          return await extending(place, () => act(place.hold))
        } finally {
          place.keptUntilMs = Math.max(place.keptUntilMs, performance.now() + keepMs)
          await giveBackInTime(place)
        }
      })
    },
    async close() {
      const open = [...places.values()]
      for (const place of open) clearTimeout(place.timer)
      await Promise.all(open.map((place) => inTurn(place, () => place.hold.giveBack())))
      places.clear()
    },
  }
}
