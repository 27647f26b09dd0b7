import { forecastPause } from '#domain/lag/forecast-pause.ts'
import { SILENT_AFTER_MS } from '#domain/pause/judge-pause.ts'
import { MAX_PAUSE_MS, MIN_PAUSE_MS, type PauseKind, type PauseStanding } from '#domain/pause/pause-lease.ts'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { formatDuration } from '#ui/format/duration.ts'
import { formatPlural } from '#ui/format/number.ts'
import type { Tone } from '#ui/tone.ts'
import type { ConsumerDetail } from '#features/consumers/consumer-page.tsx'
import { parseDuration } from '#features/consumers/parse-duration.ts'

export type PauseInfo = RouterOutputs['pause']['get']
export type PauseMemberRow = PauseInfo['members'][number]

interface KindWords {
  /** What is done, as a choice and as the button. */
  readonly choice: string
  readonly act: string
  /** What a group is then. */
  readonly word: string
}

const KINDS: Readonly<Record<PauseKind, KindWords>> = {
  cooperative: { choice: 'Ask the consumers', act: 'Pause', word: 'Paused' },
  native: { choice: 'Hold it at the broker', act: 'Pause', word: 'Paused' },
  connect: { choice: 'Pause the connector', act: 'Pause', word: 'Paused' },
  throttle: { choice: 'Slow it down (no pause)', act: 'Slow down', word: 'Slowed down' },
}
export const kindWords = (kind: PauseKind): KindWords => KINDS[kind]

const STANDINGS: Readonly<Record<PauseStanding, { readonly word: string; readonly tone: Tone }>> = {
  asked: { word: 'Asked', tone: 'paused' },
  'in-force': { word: 'In force', tone: 'paused' },
  'not-obeyed': { word: 'Not obeyed', tone: 'bad' },
  resuming: { word: 'Resuming', tone: 'active' },
  overdue: { word: 'Overdue', tone: 'bad' },
  ended: { word: 'Ended', tone: 'ok' },
}
export const standingWords = (standing: PauseStanding) => STANDINGS[standing]

const MEMBER_STATES: Readonly<Record<PauseMemberRow['state'], { readonly word: string; readonly tone: Tone }>> = {
  running: { word: 'Takes messages', tone: 'ok' },
  pausing: { word: 'Finishes', tone: 'warn' },
  paused: { word: 'Paused', tone: 'paused' },
}
export const memberWords = ({ state }: PauseMemberRow) => MEMBER_STATES[state]

export const isListening = ({ nowMs }: PauseInfo, { reportedAtMs }: PauseMemberRow): boolean =>
  nowMs - reportedAtMs <= SILENT_AFTER_MS

/** Why a typed length of a pause cannot be; null when it can. */
export function lengthProblem(text: string): string | null {
  const forMs = parseDuration(text)
  if (forMs === null) return 'A time is 90 s, 15 m or 1 h 30 m.'
  return forMs < MIN_PAUSE_MS || forMs > MAX_PAUSE_MS
    ? `From ${formatDuration(MIN_PAUSE_MS)} to ${formatDuration(MAX_PAUSE_MS)}.`
    : null
}

export interface PausePrice {
  readonly isLoss: boolean
  readonly sentences: readonly string[]
}

/** What standing still for so long costs, before it is asked for. */
export function pricePause(lanes: ConsumerDetail['lanes'], forMs: number): PausePrice {
  const { lossInMs, isLossAvoided, lagMessages, drainsInMs } = forecastPause(lanes, forMs)
  const loss =
    lossInMs === null
      ? 'Nothing expires while it stands still, as far as retention is known.'
      : isLossAvoided
        ? `Nothing is lost: the first unread message would expire after ${formatDuration(lossInMs)}.`
        : `Messages are lost before it ends: the first unread one expires in ${formatDuration(lossInMs)}.`
  return { isLoss: !isLossAvoided, sentences: [waitingWords(lagMessages, drainsInMs), loss] }
}

function waitingWords(lagMessages: number | null, drainsInMs: number | null): string {
  if (lagMessages === null)
    return 'How many messages will wait is not known: the rate has not been seen for long enough.'
  const waiting = `About ${formatPlural(Math.round(lagMessages), 'message')} will wait at the end`
  return drainsInMs === null
    ? `${waiting}. The group was never seen to take more than arrives, so when they are worked off is not known.`
    : `${waiting}, worked off in about ${formatDuration(drainsInMs)}.`
}
