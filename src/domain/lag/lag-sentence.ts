import type { LagContext, LagEvaluation, LaneVerdict } from '#domain/lag/lag-evaluation.ts'
import type { LagState } from '#domain/lag/lag-status.ts'
import { printCount, printDuration, printMessages } from '#domain/lag/print-lag.ts'

/** Less than this is the beat of commits and polls. */
const LATE_MS = 10_000

type Facts = Omit<LagEvaluation, 'sentence'>

/** One sentence that says the state with the figures that prove it. */
export function describeLag(evaluation: Facts, context: LagContext): string {
  switch (evaluation.state) {
    case 'DATA_LOSS':
      return `${printMessages(evaluation.lostMessages)} ${evaluation.lostMessages === 1 ? 'was' : 'were'} deleted before the group read ${evaluation.lostMessages === 1 ? 'it' : 'them'}; ${behind(evaluation)}.`
    case 'STOPPED':
    case 'STALLED':
      return `${standstill(evaluation, context)}; ${members(context, evaluation.state)}.${loss(evaluation)}`
    case 'REWOUND':
      return rewind(evaluation, context)
    case 'LAGGING':
      return `${capitalise(behind(evaluation))}${trend(evaluation)}; ${members(context, 'LAGGING')}.${loss(evaluation)}`
    case 'REBALANCING':
      return `The group has been rebalancing for ${printDuration(context.nowMs - (context.rebalancingSinceMs ?? context.nowMs))}; ${behind(evaluation)}.`
    case 'ORPHANED':
      return `No member of the group reads this destination any more; its last position is ${printMessages(evaluation.lagMessages ?? 0)} behind.`
    case 'PAUSED':
      return `Paused: ${context.pausedBecause ?? 'on purpose'}; ${behind(evaluation)}.${loss(evaluation)}`
    case 'UNKNOWN':
      return unknown(evaluation, context)
    case 'NO_COMMIT': {
      const waiting = sum(evaluation.lanes, ({ end, start }) => end - start)
      return `The broker knows no position of it yet; up to ${printMessages(waiting)} may be waiting.`
    }
    case 'WARMING':
      return `Watched for too short a time to judge; ${behind(evaluation)}.`
    case 'OK':
      return evaluation.lagMessages === 0 ? caughtUp(evaluation) : keepingUp(evaluation)
  }
}

/** Of some lanes the rest is still said, as it is known. */
function unknown(evaluation: Facts, context: LagContext): string {
  const unread = evaluation.lanes.filter(({ unreadableBecause }) => unreadableBecause !== null)
  const because = context.unreadableBecause ?? unread[0]?.unreadableBecause ?? 'no lane could be read'
  const isPartial = context.unreadableBecause === null && unread.length < evaluation.lanes.length
  if (!isPartial) return `Not known: ${because}.`
  return `${unread.length} of ${evaluation.lanes.length} lanes are not known: ${because}; on the others ${behind(evaluation)}.`
}

function rewind(evaluation: Facts, { rewoundBecause }: LagContext): string {
  const by = printMessages(sum(evaluation.lanes, (lane) => lane.rewoundBy))
  return rewoundBecause === null
    ? `Went back by ${by} and has not got to where it was; ${behind(evaluation)}.`
    : `Was set back by ${by} on purpose (${rewoundBecause}); ${behind(evaluation)}.`
}

/** A few seconds behind that seem to grow are noise; more of them are said as what they are: not yet beyond doubt. */
function keepingUp(evaluation: Facts): string {
  const isLate = (evaluation.timeBehindMs ?? 0) >= LATE_MS && (evaluation.drainPerSecond ?? 0) < -0.05
  if (!isLate) {
    const done = (evaluation.drainsInMs ?? 0) >= LATE_MS ? trend(evaluation) : ''
    return `Keeping up, ${behind(evaluation)}${done}.`
  }
  return `${capitalise(behind(evaluation))}, whether it grows is not beyond doubt.`
}

function caughtUp({ lanes }: Facts): string {
  const uncommitted = lanes.filter(({ state, end, start }) => state === 'NO_COMMIT' && end > start).length
  return uncommitted === 0
    ? 'Caught up.'
    : `Caught up where it has a position; it has none yet on ${uncommitted} of ${lanes.length} lanes.`
}

function behind({ lagMessages, timeBehindMs, timeBehindErrorMs, isApproximate }: Facts): string {
  if (lagMessages === null) return 'the lag is not known'
  const count = `${isApproximate && lagMessages > 0 ? 'up to ' : ''}${printMessages(lagMessages)}`
  if (timeBehindMs === null || lagMessages === 0) return `${count} behind`
  return `${count} behind (${timeBehindErrorMs === null ? 'at least ' : ''}${printDuration(timeBehindMs)})`
}

function standstill({ lanes }: Facts, { nowMs, progress }: LagContext): string {
  const still = lanes.filter(({ state }) => state === 'STOPPED' || state === 'STALLED')
  const longest = still.reduce<LaneVerdict | null>(
    (found, lane) => ((lane.stillSinceMs ?? nowMs) < (found?.stillSinceMs ?? Infinity) ? lane : found),
    null,
  )
  const where =
    still.length === lanes.length || lanes.length === 1 ? '' : ` on ${still.length} of ${lanes.length} lanes`
  const atLeast = longest?.isStillSinceBefore === true ? 'at least ' : ''
  const forMs = nowMs - (longest?.stillSinceMs ?? nowMs)
  const gapMs = longest?.usualGapMs ?? null
  const usual = gapMs === null ? '' : ` (usually every ${printDuration(gapMs)})`
  const what = progress === 'commits' ? 'No commit' : 'Nothing was taken'
  const arrived = printMessages(sum(still, (lane) => lane.endMovedBy))
  const said = `${what}${where} for ${atLeast}${printDuration(forMs)}${usual} while ${arrived} came in`
  const blockedMs = Math.max(0, ...still.map((lane) => nowMs - (lane.blockedSinceMs ?? nowMs)))
  return blockedMs === 0
    ? said
    : `${said}; an open transaction holds back what follows since ${printDuration(blockedMs)}`
}

function members({ memberCount, groupState, progress }: LagContext, state: LagState): string {
  if (memberCount === null) {
    return progress === 'commits'
      ? 'whether anybody is connected is not known'
      : 'who works on it is written down nowhere'
  }
  if (memberCount === 0) return 'nobody is connected'
  const count = `${printCount(memberCount)} ${memberCount === 1 ? 'member' : 'members'} connected`
  if (groupState === 'rebalancing') return `${count}, still rebalancing`
  return state === 'STALLED' ? `${count}, so it runs but does not finish` : count
}

function trend({ drainPerSecond, drainsInMs }: Facts): string {
  if (drainPerSecond === null) return ''
  if (drainsInMs !== null && drainsInMs > 0) return `, done in about ${printDuration(drainsInMs)}`
  return drainPerSecond < -0.05 ? ` and growing by ${printRate(-drainPerSecond)}/s` : ''
}

function loss({ firstLossInMs, lossCause }: Facts): string {
  if (firstLossInMs === null) return ''
  const inTime = printDuration(firstLossInMs)
  if (lossCause === 'ttl') return ` The first of them expires in ${inTime}.`
  return lossCause === 'size'
    ? ` The size limit takes the first unread message in ${inTime}.`
    : ` Retention takes the first unread message in ${inTime}.`
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
