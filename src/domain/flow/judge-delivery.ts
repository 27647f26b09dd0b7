import type { DestinationReader, LaneWitness } from '#domain/flow/destination-reader.ts'
import { locateMessage, type MessageWhereabouts, type PossiblePlace } from '#domain/flow/locate-message.ts'
import { printCount, printDuration, printMessages } from '#domain/lag/print-lag.ts'
import { fitSlope } from '#domain/lag/regression.ts'

/**
 * What became of a message for one group. `passed`: the group's position is beyond it and no span of the group was seen.
 * `not-seen`: neither a span nor a position that tells.
 */
export type DeliveryVerdictKind = 'taken' | 'waiting' | 'passed' | 'not-seen'

export interface DeliveryVerdict {
  readonly kind: DeliveryVerdictKind
  /** The reason, as a sentence without the names of group and destination. */
  readonly sentence: string
  /** What would tell more, or what to do; null when nothing is missing. */
  readonly advice: string | null
  /** The lane it waits in; null when it may be in several. */
  readonly lane: string | null
  /** Messages before it, at least; null unless it waits. */
  readonly aheadCount: number | null
  /** Until it is its turn at the present rate; null when unknown or never. */
  readonly turnInMs: number | null
}

export interface DeliveryQuestion extends MessageWhereabouts {
  readonly reader: DestinationReader
  /** How the group took it, in words; null when no span of it says so. */
  readonly takenAs: string | null
  /** Services that took it without telling for which group. */
  readonly unattributedServices: readonly string[]
  /** Whether other messages of the destination were seen being taken by this group lately; null = not known. */
  readonly isTraced: boolean | null
  readonly nowMs: number
}

/** A span arrives some seconds after the position has moved; before that, passing proves nothing. */
const SPAN_DELAY_MS = 30_000
/** Positions older than this are said to be. */
const STALE_MS = 60_000
const RATE_WINDOW_MS = 300_000

/** Weighs the spans of a group against its committed position (flows design, "Nobody took it"). */
export function judgeDelivery(question: DeliveryQuestion): DeliveryVerdict {
  if (question.takenAs !== null) return verdict('taken', question.takenAs)
  const { reader, nowMs } = question
  if (reader.clusterId === null || reader.asOfMs === null || reader.lanes.length === 0) {
    return notSeen(
      question,
      'no position of the group is known',
      'Connect the broker: committed positions tell waiting from passed.',
    )
  }
  const places = locateMessage(question, reader.lanes, reader.asOfMs)
  if (places.every(({ witness }) => witness.committed === null)) {
    return places.length === 0
      ? notSeen(
          question,
          'no lane of the destination can hold it',
          'The topic may have been made anew since, or the clocks disagree.',
        )
      : notSeen(
          question,
          'the group has never committed a position here',
          'It may read from the newest message on, or keep its position elsewhere.',
        )
  }
  if (question.place === null && question.sentMs !== null && question.sentMs > reader.asOfMs - 1_000) {
    return notSeen(question, 'the broker has not been read since', 'The next reading comes within seconds.')
  }
  const standings = places.map((place) => standingOf(place, question, reader.asOfMs ?? nowMs))
  if (standings.every((standing) => standing === 'waiting')) return judgeWaiting(places, question)
  if (standings.every((standing) => standing === 'passed')) return judgePassed(places, question)
  return notSeen(
    question,
    sayBoth(places, standings),
    'The partition and offset of the message would tell; no span of it has them.',
  )
}

type Standing = 'waiting' | 'passed' | 'unclear'

function standingOf(
  { witness, lowest, highest }: PossiblePlace,
  { sentMs, place }: DeliveryQuestion,
  asOfMs: number,
): Standing {
  const { committed } = witness
  if (committed === null) return 'unclear'
  if (committed > highest) return 'passed'
  if (committed <= lowest && lowest < witness.end) return 'waiting'
  if (place !== null) return 'waiting'
  return sentMs === null ? 'unclear' : standingByAge(witness, sentMs, asOfMs)
}

/** `waiting if it is in partition 2, passed if in 0 or 1`. */
function sayBoth(places: readonly PossiblePlace[], standings: readonly Standing[]): string {
  const lanesOf = (wanted: Standing) =>
    places.filter((_, index) => standings[index] === wanted).map(({ witness }) => witness.lane)
  const waiting = lanesOf('waiting')
  const passed = lanesOf('passed')
  if (waiting.length === 0 || passed.length === 0 || places.length > 8)
    return 'the group’s positions allow both: waiting and passed'
  const unclear = lanesOf('unclear')
  const rest = unclear.length === 0 ? '' : `, either in ${unclear.join(', ')}`
  return `waiting if it is in partition ${waiting.join(', ')}, passed if in ${passed.join(', ')}${rest}`
}

/** The oldest unprocessed message is older or younger than this one, beyond doubt. */
function standingByAge(witness: LaneWitness, sentMs: number, asOfMs: number): Standing {
  if (witness.timeBehindMs === null || witness.timeBehindErrorMs === null) return 'unclear'
  const slackMs = witness.timeBehindErrorMs + 1_000
  const oldestMs = asOfMs - witness.timeBehindMs
  if (sentMs < oldestMs - slackMs) return 'passed'
  // With nothing unprocessed the age is 0: what was sent after the reading is in neither state yet.
  if (witness.timeBehindMs > 0 && sentMs > oldestMs + slackMs && sentMs < asOfMs) return 'waiting'
  return 'unclear'
}

function judgeWaiting(places: readonly PossiblePlace[], question: DeliveryQuestion): DeliveryVerdict {
  const { reader, nowMs } = question
  const aheads = places.map(({ witness, lowest, highest }) => {
    const next = Math.max(witness.committed ?? witness.start, witness.start)
    const bounded = Math.min(highest, Math.max(lowest, witness.end - 1))
    return { least: Math.max(0, lowest - next), most: Math.max(0, bounded - next) }
  })
  const least = Math.min(...aheads.map((ahead) => ahead.least))
  const most = Math.max(...aheads.map((ahead) => ahead.most))
  const [only] = places
  const lane = places.length === 1 ? (only?.witness.lane ?? null) : null
  const middle = Math.round((least + most) / 2)
  const turns = places.map(({ witness }) => turnInMs(witness, middle, nowMs))
  const turn = turns.every((one) => one !== null) && turns.length > 0 ? Math.max(...turns.map((one) => one ?? 0)) : null
  const where = lane === null || lane === '' ? '' : ` in partition ${lane}`
  const sentence = [
    `waiting: ${sayAhead(least, most)} before it${where}`,
    turn === null ? sayStandstill(reader) : `about ${printDuration(turn)} at the current rate`,
    sayStale(question),
  ]
  return {
    ...verdict('waiting', joinWords(sentence)),
    lane,
    aheadCount: least,
    turnInMs: turn,
    advice: adviceOnWaiting(reader),
  }
}

function sayAhead(least: number, most: number): string {
  if (least === most) return least === 0 ? 'no message' : printMessages(least)
  if (most - least <= Math.max(2, 0.2 * most)) return `about ${printMessages(Math.round((least + most) / 2))}`
  return `${printCount(least)} to ${printMessages(most)}`
}

function turnInMs(witness: LaneWitness, ahead: number, nowMs: number): number | null {
  const recent = witness.samples.filter(({ atMs, committed }) => committed !== null && nowMs - atMs <= RATE_WINDOW_MS)
  const slope = fitSlope(recent.map(({ atMs, committed }) => ({ atMs, value: committed ?? 0 })))
  if (slope === null || slope.perSecond <= 0.001) return null
  return ((ahead + 1) / slope.perSecond) * 1_000
}

const STANDSTILLS: Readonly<Record<string, string>> = {
  STOPPED: 'nobody reads for the group',
  STALLED: 'the group’s position does not move',
  ORPHANED: 'nobody is assigned the lane',
  PAUSED: 'the group is paused',
  REBALANCING: 'the group is rebalancing',
}

const sayStandstill = ({ state }: DestinationReader): string =>
  STANDSTILLS[state ?? ''] ?? 'the rate of the group is not known yet'

function adviceOnWaiting({ state }: DestinationReader): string | null {
  if (state === 'STOPPED' || state === 'ORPHANED') return 'Start a consumer of the group.'
  if (state === 'STALLED') return 'Look at what the consumer is busy with.'
  return null
}

function judgePassed(places: readonly PossiblePlace[], question: DeliveryQuestion): DeliveryVerdict {
  const { nowMs, isTraced, unattributedServices } = question
  const passedAtMs = Math.max(...places.map(passedAt))
  if (nowMs - passedAtMs < SPAN_DELAY_MS) {
    return notSeen(
      question,
      `the group passed it ${printDuration(Math.max(0, nowMs - passedAtMs))} ago`,
      'Its span may still be on the way.',
    )
  }
  const [only] = places
  const lane = places.length === 1 ? (only?.witness.lane ?? null) : null
  const maybe =
    unattributedServices.length === 0
      ? null
      : `perhaps taken by ${unattributedServices.join(', ')}, whose group is not known`
  const why =
    maybe ??
    (isTraced === true
      ? 'other messages of the group are traced, so its span was sampled away or lost, or the message was skipped'
      : isTraced === false
        ? 'no span of the group was seen lately: its service is not instrumented, or does not say so'
        : 'consumed or skipped')
  const advice =
    isTraced === false && maybe === null ? 'Instrument the consumer, or let it propagate the trace context.' : null
  return {
    ...verdict(
      'passed',
      joinWords([`passed, not traced: the committed position is beyond it`, why, sayStale(question)]),
    ),
    lane,
    advice,
  }
}

/** When the position was first read beyond the place; the beginning of time when every reading was. */
function passedAt({ witness, highest }: PossiblePlace): number {
  const behind = witness.samples.findLast(({ committed }) => committed !== null && committed <= highest)
  if (behind === undefined) return 0
  const after = witness.samples.find(
    ({ atMs, committed }) => atMs > behind.atMs && committed !== null && committed > highest,
  )
  return after?.atMs ?? behind.atMs
}

function notSeen(question: DeliveryQuestion, why: string, advice: string): DeliveryVerdict {
  const { sentMs, nowMs, unattributedServices } = question
  const since = sentMs === null ? '' : ` since it was sent ${printDuration(Math.max(0, nowMs - sentMs))} ago`
  const maybe =
    unattributedServices.length === 0
      ? null
      : `${unattributedServices.join(', ')} took it, but nothing tells for which group`
  return { ...verdict('not-seen', joinWords([`not seen${since}`, why, maybe, sayStale(question)])), advice }
}

function sayStale({ reader, nowMs }: DeliveryQuestion): string | null {
  if (reader.asOfMs === null || nowMs - reader.asOfMs < STALE_MS) return null
  return `the broker was last read ${printDuration(nowMs - reader.asOfMs)} ago`
}

const joinWords = (parts: readonly (string | null)[]): string => parts.filter((part) => part !== null).join('; ')

const verdict = (kind: DeliveryVerdictKind, sentence: string): DeliveryVerdict => ({
  kind,
  sentence,
  advice: null,
  lane: null,
  aheadCount: null,
  turnInMs: null,
})
