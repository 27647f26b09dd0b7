/** Where the positions of a group are to go. */
export type ResetTarget =
  | { readonly kind: 'earliest' }
  | { readonly kind: 'latest' }
  /** The first message that is not older, ms since the epoch. */
  | { readonly kind: 'time'; readonly atMs: number }
  | { readonly kind: 'offset'; readonly offset: number }
  /** Forward by so many positions, or back where it is negative. */
  | { readonly kind: 'shift'; readonly by: number }
  /** Where they were before that reset. */
  | { readonly kind: 'undo'; readonly resetId: string }

/** What is known of one lane when a reset is planned. */
export interface ResetFacts {
  readonly lane: string
  /** null = the group has no position here. */
  readonly committed: number | null
  /** The first position that is still there, and the one after the last message. */
  readonly start: number
  readonly end: number
  /** For a target in time: the first position that is not older; null = not asked. */
  readonly atTime: number | null
  /** For an undo: what the reset left the position at, and what it had been before; null = the reset was not here. */
  readonly undo: { readonly setTo: number | null; readonly before: number | null } | null
}

/** What a reset does to one lane. */
export interface ResetLane {
  readonly lane: string
  /** null = no position. Where both are the same, nothing is done. */
  readonly from: number | null
  readonly to: number | null
  readonly start: number
  readonly end: number
  /** Messages that are passed over, or taken again; null = not known, because there is no position to count from. */
  readonly skipped: number | null
  readonly repeated: number | null
  /** Messages behind the position or the target that retention has taken: nothing brings them back. */
  readonly lost: number
  /** The target lay outside of what is there, and was moved to this end. */
  readonly clampedTo: 'start' | 'end' | null
  /** For an undo: by how many positions the group has moved since the reset; 0 = not at all. */
  readonly movedOn: number
}

/**
 * What a reset does to one lane, in positions of the broker: where records were taken out of the middle (compaction,
 * transaction markers) fewer messages are meant. A target outside of what is there is moved to the nearer end, because
 * a group without a readable position goes wherever its own settings send it.
 */
export function planResetLane(target: ResetTarget, facts: ResetFacts): ResetLane {
  const { lane, committed: from, start, end } = facts
  const wish = wishOf(target, facts)
  const to = wish === null || wish === from ? wish : Math.min(Math.max(wish, start), end)
  const clampedTo = wish === null || to === wish ? null : wish < start ? 'start' : 'end'
  return {
    lane,
    from,
    to,
    start,
    end,
    ...countBetween(from, to, facts),
    lost: lostBelow(from, wish, facts),
    clampedTo,
    movedOn: movedSince(facts),
  }
}

/** Where the position is to go before the ends of the lane are looked at; as it is where the target says nothing of it. */
function wishOf(target: ResetTarget, { committed, start, end, atTime, undo }: ResetFacts): number | null {
  switch (target.kind) {
    case 'earliest':
      return start
    case 'latest':
      return end
    case 'time':
      return atTime
    case 'offset':
      return target.offset
    case 'shift':
      return committed === null ? null : committed + target.by
    case 'undo':
      return undo === null ? committed : undo.before
  }
}

/** Counted among the messages that are still there. */
function countBetween(
  from: number | null,
  to: number | null,
  { start, end }: ResetFacts,
): Pick<ResetLane, 'skipped' | 'repeated'> {
  if (from === to) return { skipped: 0, repeated: 0 }
  if (from === null || to === null) return { skipped: null, repeated: null }
  const next = Math.min(Math.max(from, start), end)
  return { skipped: Math.max(0, to - next), repeated: Math.max(0, next - to) }
}

function lostBelow(from: number | null, wish: number | null, { start }: ResetFacts): number {
  const lowest = Math.min(from ?? start, wish ?? start)
  return Math.max(0, start - Math.max(0, lowest))
}

function movedSince({ committed, undo }: ResetFacts): number {
  if (undo === null || committed === undo.setTo) return 0
  return committed === null || undo.setTo === null ? 1 : Math.abs(committed - undo.setTo)
}

/** Whether a group takes positions from outside right now. */
export interface GroupActivity {
  /** Only when nobody is a member does a broker take positions from anybody but the members. */
  readonly isInactive: boolean
  /** As the broker calls it. */
  readonly state: string
  /** null = not known. */
  readonly memberCount: number | null
  /** Why this kind of group never takes one, whatever it does; null = it can. */
  readonly refusedBecause: string | null
}

/** A dry run: what would be done, on which ground. */
export interface ResetPlan {
  readonly group: string
  readonly destination: string
  readonly target: ResetTarget
  readonly lanes: readonly ResetLane[]
  readonly activity: GroupActivity
  /** Whether positions overstate what is there, because records are taken out of the middle. */
  readonly isApproximate: boolean
  readonly readAtMs: number
}

export interface ResetTotals {
  readonly changedLanes: number
  readonly skipped: number
  readonly repeated: number
  readonly lost: number
  /** Lanes of which nobody can say what is skipped or repeated. */
  readonly uncountedLanes: number
  readonly clampedLanes: number
  readonly movedOn: number
}

export function sumResetPlan(lanes: readonly ResetLane[]): ResetTotals {
  const sum = (read: (lane: ResetLane) => number): number => lanes.reduce((total, lane) => total + read(lane), 0)
  return {
    changedLanes: sum(({ from, to }) => (from === to ? 0 : 1)),
    skipped: sum(({ skipped }) => skipped ?? 0),
    repeated: sum(({ repeated }) => repeated ?? 0),
    lost: sum(({ lost }) => lost),
    uncountedLanes: sum(({ skipped }) => (skipped === null ? 1 : 0)),
    clampedLanes: sum(({ clampedTo }) => (clampedTo === null ? 0 : 1)),
    movedOn: sum(({ movedOn }) => movedOn),
  }
}

/** `to the beginning`, `back by 500`: completes a sentence. */
export function describeResetTarget(target: ResetTarget): string {
  switch (target.kind) {
    case 'earliest':
      return 'to the beginning'
    case 'latest':
      return 'to the end'
    case 'time':
      return `to ${new Date(target.atMs).toISOString()}`
    case 'offset':
      return `to position ${target.offset}`
    case 'shift':
      return target.by < 0 ? `back by ${-target.by}` : `forward by ${target.by}`
    case 'undo':
      return 'to where it was before a reset'
  }
}

/**
 * What of a plan is carried out, as text that is the same for the same plan: a hash of it is what a person agrees to.
 * What was read at a moment (ends, members) is not part of it.
 */
export function printResetPlan(clusterId: string, { group, destination, target, lanes }: ResetPlan): string {
  return JSON.stringify([clusterId, group, destination, describeResetTarget(target), lanes.map(lineOf)])
}

const lineOf = ({ lane, from, to, skipped, repeated, lost, clampedTo, movedOn }: ResetLane) => [
  lane,
  from,
  to,
  skipped,
  repeated,
  lost,
  clampedTo,
  movedOn,
]
