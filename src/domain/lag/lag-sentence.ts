import type { LagContext, LagEvaluation, LaneVerdict } from '#domain/lag/lag-evaluation.ts'
import { printCount, printDuration, printMessages } from '#domain/lag/print-lag.ts'

/** One sentence that says the state with the figures that prove it. */
export function describeLag(evaluation: Omit<LagEvaluation, 'sentence'>, context: LagContext): string {
  switch (evaluation.state) {
    case 'DATA_LOSS':
      return `${printMessages(evaluation.lostMessages)} ${evaluation.lostMessages === 1 ? 'was' : 'were'} deleted before the group read ${evaluation.lostMessages === 1 ? 'it' : 'them'}; ${behind(evaluation)}.`
    case 'STOPPED':
    case 'STALLED':
      return `${standstill(evaluation, context)}; ${members(context)}.${loss(evaluation)}`
    case 'REWOUND':
      return `Went back by ${printMessages(sum(evaluation.lanes, (lane) => lane.rewoundBy))} and has not got to where it was; ${behind(evaluation)}.`
    case 'LAGGING':
      return `${capitalise(behind(evaluation))}${trend(evaluation)}; ${members(context)}.${loss(evaluation)}`
    case 'REBALANCING':
      return `The group has been rebalancing for ${printDuration(context.nowMs - (context.rebalancingSinceMs ?? context.nowMs))}; ${behind(evaluation)}.`
    case 'ORPHANED':
      return `No member of the group reads this destination any more; its last position is ${printMessages(evaluation.lagMessages ?? 0)} behind.`
    case 'PAUSED':
      return `Paused: ${context.pausedBecause ?? 'on purpose'}; ${behind(evaluation)}.${loss(evaluation)}`
    case 'UNKNOWN':
      return `Not known: ${context.unreadableBecause ?? 'no lane could be read'}.`
    case 'NO_COMMIT': {
      const waiting = sum(evaluation.lanes, ({ end, start }) => end - start)
      return `The broker knows no position of it yet; up to ${printMessages(waiting)} may be waiting.`
    }
    case 'WARMING':
      return `Watched for too short a time to judge; ${behind(evaluation)}.`
    case 'OK':
      return evaluation.lagMessages === 0
        ? caughtUp(evaluation)
        : `Keeping up, ${behind(evaluation)}${trend(evaluation)}.`
  }
}

function caughtUp({ lanes }: Omit<LagEvaluation, 'sentence'>): string {
  const uncommitted = lanes.filter(({ lagMessages, end, start }) => lagMessages === null && end > start).length
  return uncommitted === 0
    ? 'Caught up.'
    : `Caught up where it has a position; it has none yet on ${uncommitted} of ${lanes.length} lanes.`
}

function behind({ lagMessages, timeBehindMs, timeBehindErrorMs }: Omit<LagEvaluation, 'sentence'>): string {
  if (lagMessages === null) return 'the lag is not known'
  if (timeBehindMs === null || lagMessages === 0) return `${printMessages(lagMessages)} behind`
  return `${printMessages(lagMessages)} behind (${timeBehindErrorMs === null ? 'at least ' : ''}${printDuration(timeBehindMs)})`
}

function standstill({ lanes }: Omit<LagEvaluation, 'sentence'>, { nowMs }: LagContext): string {
  const still = lanes.filter(({ state }) => state === 'STOPPED' || state === 'STALLED')
  const longest = still.reduce<LaneVerdict | null>(
    (found, lane) => ((lane.stillSinceMs ?? nowMs) < (found?.stillSinceMs ?? Infinity) ? lane : found),
    null,
  )
  const forMs = nowMs - (longest?.stillSinceMs ?? nowMs)
  const where =
    still.length === lanes.length || lanes.length === 1 ? '' : ` on ${still.length} of ${lanes.length} lanes`
  const atLeast = longest?.isStillSinceBefore === true ? 'at least ' : ''
  return `No progress${where} for ${atLeast}${printDuration(forMs)} while ${printMessages(sum(still, (lane) => lane.endMovedBy))} came in`
}

function members({ memberCount, groupState }: LagContext): string {
  if (memberCount === null) return 'whether anybody is connected is not known'
  if (memberCount === 0) return 'nobody is connected'
  const count = `${memberCount} ${memberCount === 1 ? 'member' : 'members'} connected`
  return groupState === 'rebalancing' ? `${count}, still rebalancing` : count
}

function trend({ drainPerSecond, drainsInMs }: Omit<LagEvaluation, 'sentence'>): string {
  if (drainPerSecond === null) return ''
  if (drainsInMs !== null && drainsInMs > 0) return `, done in ${printDuration(drainsInMs)}`
  return drainPerSecond < -0.05 ? ` and growing by ${printRate(-drainPerSecond)}/s` : ''
}

function loss({ firstLossInMs }: Omit<LagEvaluation, 'sentence'>): string {
  return firstLossInMs === null ? '' : ` Retention takes the first unread message in ${printDuration(firstLossInMs)}.`
}

function printRate(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : printCount(perSecond)
}

function sum(lanes: readonly LaneVerdict[], value: (lane: LaneVerdict) => number): number {
  return lanes.reduce((total, lane) => total + value(lane), 0)
}

function capitalise(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}
