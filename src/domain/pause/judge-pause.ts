import { printCount, printDuration, printMessages } from '#domain/lag/print-lag.ts'
import type { PauseLease, PauseMember, PauseStanding } from '#domain/pause/pause-lease.ts'

/** From the wish to the effect: a long poll is answered at once, but a batch is finished and its commit is seen later. */
const GRACE_MS = 30_000
/** Consumers that still work on what they had taken are given this long before somebody is called. */
const FINISH_MS = 300_000
/** Consumers report at least every half minute. */
export const SILENT_AFTER_MS = 75_000

export interface PauseSight {
  readonly lease: PauseLease
  readonly members: readonly PauseMember[]
  /** How many the broker knows; null when it does not say. */
  readonly connectedCount: number | null
  readonly nowMs: number
}

export interface PauseVerdict {
  readonly standing: PauseStanding
  /** Whether what is seen is not what was asked for. */
  readonly isAlert: boolean
  readonly sentence: string
}

/**
 * What is seen of a pause against what was asked: members that say that they paused, and positions that stand still. A
 * member's word is not enough where positions go on, and standing positions are not enough where a member never heard.
 */
export function judgePause(sight: PauseSight): PauseVerdict {
  const { lease, nowMs } = sight
  if (lease.endedAtMs !== null) return judgeEnded(sight, lease.endedAtMs)
  const endAtMs = lease.releaseAskedAtMs ?? lease.expiresAtMs
  if (lease.releaseAskedAtMs !== null || nowMs >= lease.expiresAtMs) return judgeEnding(lease, nowMs - endAtMs)
  return lease.kind === 'cooperative' ? judgeAsked(sight) : judgeHeld(sight)
}

const told = (standing: PauseStanding, sentence: string): PauseVerdict => ({
  standing,
  isAlert: standing === 'not-obeyed' || standing === 'overdue',
  sentence,
})

const isListening = ({ nowMs }: PauseSight, member: PauseMember) => nowMs - member.reportedAtMs <= SILENT_AFTER_MS

function judgeAsked(sight: PauseSight): PauseVerdict {
  const { lease, connectedCount, nowMs } = sight
  const listening = sight.members.filter((member) => isListening(sight, member))
  const late = (sentence: string) => told(nowMs - lease.askedAtMs > GRACE_MS ? 'not-obeyed' : 'asked', sentence)
  if (listening.length === 0) return late('No consumer of the group listens on the control channel.')
  const running = listening.filter((member) => member.leaseId !== lease.id || member.state === 'running')
  if (running.length > 0) {
    return late(
      `${countOf(running.length, listening.length)} still ${running.length === 1 ? 'takes' : 'take'} messages.`,
    )
  }
  const deafCount = connectedCount === null ? 0 : connectedCount - listening.length
  if (deafCount > 0) {
    return late(`${countOf(deafCount, connectedCount ?? 0)} cannot be asked: not on the control channel.`)
  }
  const finishing = listening.filter(({ state }) => state === 'pausing')
  if (finishing.length > 0) {
    const inFlight = finishing.reduce((sum, member) => sum + (member.inFlight ?? 0), 0)
    const sentence = `${countOf(finishing.length, listening.length)} still ${finishing.length === 1 ? 'finishes' : 'finish'} what was taken (${printMessages(inFlight)}).`
    return told(nowMs - lease.askedAtMs > FINISH_MS ? 'not-obeyed' : 'asked', sentence)
  }
  const pausedAtMs = Math.max(...listening.map(({ stateSinceMs }) => stateSinceMs))
  const all =
    listening.length === 1
      ? 'The member says that it paused'
      : `All ${printCount(listening.length)} members say that they paused`
  return judgePositions(sight, pausedAtMs, all)
}

function judgeHeld(sight: PauseSight): PauseVerdict {
  const { lease, nowMs } = sight
  if (lease.heldAtMs === null) {
    const isLate = lease.problem !== null || nowMs - lease.askedAtMs > GRACE_MS
    return told(
      isLate ? 'not-obeyed' : 'asked',
      `Not in force yet${lease.problem === null ? '' : `: ${lease.problem}`}.`,
    )
  }
  if (lease.kind === 'throttle') return told('in-force', 'The broker hands out little to the group; it is not stopped.')
  return judgePositions(sight, lease.heldAtMs, 'The broker holds the group')
}

/** Whether what was said to be still is still: by the positions, once they had time to come in. */
function judgePositions({ lease, nowMs }: PauseSight, sinceMs: number, said: string): PauseVerdict {
  const { positionMovedAtMs: movedAtMs, positionReadAtMs: readAtMs } = lease
  const settledAtMs = sinceMs + GRACE_MS
  if (movedAtMs !== null && movedAtMs > settledAtMs) {
    return told(
      'not-obeyed',
      `${said}, but a position moved ${printDuration(nowMs - movedAtMs)} ago: somebody takes messages.`,
    )
  }
  if (readAtMs === null || readAtMs <= sinceMs) return told('in-force', `${said}; positions have not been read since.`)
  const stillMs = Math.max(0, readAtMs - Math.max(sinceMs, movedAtMs ?? sinceMs))
  const still = stillMs < 1_000 ? 'since' : `for ${printDuration(stillMs)}`
  return told('in-force', `${said}, and no position has moved ${still}.`)
}

function judgeEnding({ problem }: PauseLease, sinceMs: number): PauseVerdict {
  const because = problem === null ? '' : `: ${problem}`
  return sinceMs > GRACE_MS
    ? told('overdue', `It should have ended ${printDuration(sinceMs)} ago and is still in force${because}.`)
    : told('resuming', `What was before is being put back${because}.`)
}

function judgeEnded(sight: PauseSight, endedAtMs: number): PauseVerdict {
  const { lease, nowMs } = sight
  const listening = sight.members.filter((member) => isListening(sight, member))
  const held = listening.filter((member) => member.leaseId === lease.id && member.state !== 'running')
  if (held.length === 0) return told('ended', 'Ended.')
  const who = countOf(held.length, listening.length)
  const sinceMs = nowMs - endedAtMs
  return sinceMs > GRACE_MS
    ? told(
        'overdue',
        `${who} ${held.length === 1 ? 'has' : 'have'} not resumed ${printDuration(sinceMs)} after the end.`,
      )
    : told('resuming', `${who} ${held.length === 1 ? 'has' : 'have'} not resumed yet.`)
}

const countOf = (count: number, all: number): string =>
  all === 1 ? 'The only member' : `${printCount(count)} of ${printCount(all)} members`
