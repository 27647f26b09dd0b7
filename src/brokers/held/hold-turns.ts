/** What is held of a queue while one looks at it. */
export interface Hold {
  /** Gives everything back. */
  giveBack(): Promise<void>
  /** Says that it is still held, where the broker would let others have it otherwise. */
  extend?(): Promise<void>
}

interface Place<Held extends Hold> {
  readonly hold: Held
  turn: Promise<unknown>
  keptUntilMs: number
  timer: NodeJS.Timeout | undefined
}

/** How often that is said: well within what brokers give. */
const EXTEND_EVERY_MS = 7_000

/** Gives what is held of a queue to one call at a time, and gives it back when nobody needs it any more. */
export interface HoldTurns<Held extends Hold> {
  /** @param keepMs for so long after the call the messages stay held, for the next one */
  take<Result>(queue: string, keepMs: number, act: (hold: Held) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

export function createHoldTurns<Held extends Hold>(hold: (queue: string) => Held): HoldTurns<Held> {
  const places = new Map<string, Place<Held>>()

  const placeOf = (queue: string): Place<Held> => {
    const known = places.get(queue)
    if (known !== undefined) return known
    const place: Place<Held> = { hold: hold(queue), turn: Promise.resolve(), keptUntilMs: 0, timer: undefined }
    places.set(queue, place)
    return place
  }
  const inTurn = <Result>(place: Place<Held>, act: () => Promise<Result>): Promise<Result> => {
    const mine = place.turn.then(act, act)
    place.turn = mine.catch(() => undefined)
    return mine
  }
  const giveBackInTime = async (place: Place<Held>): Promise<void> => {
    const waitMs = place.keptUntilMs - performance.now()
    clearTimeout(place.timer)
    if (waitMs > 0) {
      place.timer = setTimeout(() => void inTurn(place, () => giveBackInTime(place)), waitMs)
      return
    }
    await place.hold.giveBack()
  }
  const extending = async <Result>(place: Place<Held>, act: () => Promise<Result>): Promise<Result> => {
    const timer = setInterval(() => void place.hold.extend?.(), EXTEND_EVERY_MS)
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
