/** How far a group is behind on a target at one moment, in messages. */
export interface LagReading {
  readonly group: string
  readonly destination: string
  readonly lagMessages: number
}

/** What the rate has yielded so far. */
export interface YieldState {
  readonly ratePerSecond: number
  /** The most that each group was behind within the first looks, by {@link lagKey}. */
  readonly lagAtStart: ReadonlyMap<string, number>
  readonly looks: number
  readonly lagBefore: ReadonlyMap<string, number>
  /** By how much the worst group was behind its start when the rate was last cut. */
  readonly growthAtCut: number
  /** Looks in a row at which a group still fell behind though the rate could not go lower. */
  readonly vainLooks: number
}

export interface YieldDecision {
  readonly state: YieldState
  /** Why the rate is below the cap, in words; null at the cap. */
  readonly reason: string | null
  /** Why yielding has not helped, in words: the operation has to stop. null = go on. */
  readonly trip: string | null
}

export interface LookedAt {
  readonly capPerSecond: number
  readonly lags: readonly LagReading[]
  /** Why the destination turned messages away since the last look, in words; null when it did not. */
  readonly pushback: string | null
}

/** Never slower than this share of the cap: an operation that yields still gets ahead. */
export const FLOOR_SHARE = 1 / 20
/** What comes back of the cap with every look at which nobody falls behind. */
const STEP_SHARE = 1 / 10
/** So much more than at the start is what a copy on its way looks like: seconds of the cap, and messages. */
const FREE_SECONDS = 2
const FREE_MESSAGES = 100
/** Groups commit every few seconds, and in between their lag rises by all that they have taken: so many looks tell how far. */
const SETTLING_LOOKS = 4
/** So many looks in vain stop an operation. */
const MAX_VAIN_LOOKS = 5

export const lagKey = ({ group, destination }: Pick<LagReading, 'group' | 'destination'>): string =>
  `${group}\n${destination}`

/** At the rate that was reached before, or at the cap. The first looks tell what lag is usual. */
export const beginYielding = (ratePerSecond: number): YieldState => ({
  ratePerSecond,
  lagAtStart: new Map(),
  looks: 0,
  lagBefore: new Map(),
  growthAtCut: 0,
  vainLooks: 0,
})

/**
 * Additive increase, multiplicative decrease (Chiu and Jain, 1989): half the rate with every look at which a group that
 * reads a target falls further behind than copies on their way, or half of its usual lag, explain, or the destination turns messages away. A tenth
 * of the cap comes back with every look once half of what it fell behind is made up for; in between the rate stays.
 */
export function adaptRate(state: YieldState, look: LookedAt): YieldDecision {
  const lagAtStart = state.looks < SETTLING_LOOKS ? toHighest(state.lagAtStart, look.lags) : state.lagAtStart
  const leastFree = Math.max(FREE_MESSAGES, look.capPerSecond * FREE_SECONDS)
  const behind = look.lags
    .map((reading) => ({ reading, start: lagAtStart.get(lagKey(reading)) ?? reading.lagMessages }))
    .map(({ reading, start }) => ({
      reading,
      growth: reading.lagMessages - start,
      free: Math.max(leastFree, start / 2),
    }))
    .filter(({ growth, free }) => growth > free)
    .toSorted((left, right) => right.growth - left.growth)
  const growing = behind.find(({ reading }) => reading.lagMessages > (state.lagBefore.get(lagKey(reading)) ?? 0))
  const why = growing === undefined ? look.pushback : `${nameOf(growing.reading)} falls behind ${describe(growing)}`
  const growth = behind[0]?.growth ?? 0
  const isCut = why !== null
  const isHeld = !isCut && growth > state.growthAtCut / 2
  const floor = look.capPerSecond * FLOOR_SHARE
  const vainLooks = isCut && state.ratePerSecond <= floor ? state.vainLooks + 1 : 0
  const ratePerSecond = isCut
    ? Math.max(floor, state.ratePerSecond / 2)
    : Math.min(look.capPerSecond, state.ratePerSecond + (isHeld ? 0 : look.capPerSecond * STEP_SHARE))
  const rest = behind[0] === undefined ? null : `${nameOf(behind[0].reading)} catches up ${describe(behind[0])}`
  return {
    state: {
      ratePerSecond,
      lagAtStart,
      looks: state.looks + 1,
      lagBefore: toMap(look.lags),
      growthAtCut: isCut ? growth : state.growthAtCut,
      vainLooks,
    },
    reason: ratePerSecond >= look.capPerSecond ? null : (why ?? rest ?? 'nobody falls behind any more; the rate rises'),
    trip: vainLooks >= MAX_VAIN_LOOKS ? `breaker: ${why}, and yielding does not help` : null,
  }
}

const toMap = (lags: readonly LagReading[]): ReadonlyMap<string, number> =>
  new Map(lags.map((reading) => [lagKey(reading), reading.lagMessages]))

const toHighest = (known: ReadonlyMap<string, number>, lags: readonly LagReading[]): ReadonlyMap<string, number> =>
  new Map([
    ...known,
    ...lags.map((reading): [string, number] => {
      const key = lagKey(reading)
      return [key, Math.max(known.get(key) ?? 0, reading.lagMessages)]
    }),
  ])

const nameOf = ({ group, destination }: LagReading): string => `${group} on ${destination}`

const describe = ({ reading, growth }: { readonly reading: LagReading; readonly growth: number }): string =>
  `(${format(reading.lagMessages)} messages, ${format(growth)} more than at the start)`

const format = (figure: number): string => figure.toLocaleString('en-GB')
