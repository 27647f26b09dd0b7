/** One thing that a service did with messages of one place, as its spans say. Times in microseconds. */
export interface HandlingEvent {
  readonly kind: 'took' | 'sent' | 'settled'
  readonly startUs: number
  readonly endUs: number
  readonly traceId: string
  readonly spanId: string
  /** Where it was taken from, sent to, or settled; null when the span does not say. */
  readonly destination: string | null
}

/** A poll that brought several messages, in the order in which its span names them. */
export interface HandledPoll {
  readonly traceId: string
  readonly spanId: string
  /** For each message whether it was given out again later: then it was not settled this time. */
  readonly cameAgain: readonly boolean[]
}

/** Clients that count milliseconds let neighbours overlap by one. */
const SLACK_US = 1_000
/** Times that one message was done with before the next was begun: so often that it is no accident. */
const MIN_TURNS = 6

interface Turn {
  readonly sent: readonly HandlingEvent[]
}

/**
 * What was sent on for each message of a poll by a service that takes up one message after the other: its sends lie before
 * the settling of the message. Concluded only where the service is seen doing nothing at the same time as anything else,
 * often enough that it cannot be an accident, and where as many messages were settled as did not come again.
 *
 * @param events of the service around the poll, by start; each poll once
 * @returns per message of the poll what was sent for it; null when it cannot be told
 */
export function followSettled(
  events: readonly HandlingEvent[],
  poll: HandledPoll,
): readonly (readonly HandlingEvent[])[] | null {
  if (!isOneByOne(events) || countTurns(events) < MIN_TURNS) return null
  const at = events.findIndex(
    ({ kind, spanId, traceId }) => kind === 'took' && spanId === poll.spanId && traceId === poll.traceId,
  )
  if (at < 0) return null
  const turns = turnsAfter(events, at)
  const settled = poll.cameAgain.filter((again) => !again).length
  if (turns === null || turns.length !== settled) return null
  // What failed may have sent something before: then some turn holds two of a kind.
  if (settled < poll.cameAgain.length && turns.some(({ sent }) => hasTwoOfAKind(sent))) return null
  let turn = 0
  return poll.cameAgain.map((again) => (again ? [] : (turns[turn++]?.sent ?? [])))
}

/** Everything in one line: one place, and nothing begins before the last thing ended. */
function isOneByOne(events: readonly HandlingEvent[]): boolean {
  const [firstPoll] = events.filter(({ kind }) => kind === 'took')
  let endUs = Number.NEGATIVE_INFINITY
  for (const { kind, startUs, endUs: itsEndUs, destination } of events) {
    if (startUs < endUs - SLACK_US) return false
    if (kind !== 'sent' && destination !== null && destination !== firstPoll?.destination) return false
    endUs = itsEndUs
  }
  return firstPoll !== undefined
}

/** How often a settling came before the next send within one poll. Two sends of a kind in one turn speak against it. */
function countTurns(events: readonly HandlingEvent[]): number {
  let count = 0
  for (const [at, { kind }] of events.entries()) {
    if (kind !== 'took') continue
    const turns = turnsAfter(events, at) ?? []
    if (turns.length > 1 && turns.some(({ sent }) => hasTwoOfAKind(sent))) return 0
    count += Math.max(0, turns.filter(({ sent }) => sent.length > 0).length - 1)
  }
  return count
}

/** The turns between a poll and the next one; null when something was sent after the last settling. */
function turnsAfter(events: readonly HandlingEvent[], poll: number): readonly Turn[] | null {
  const turns: Turn[] = []
  let sent: HandlingEvent[] = []
  for (const event of events.slice(poll + 1)) {
    if (event.kind === 'took') break
    if (event.kind === 'sent') sent.push(event)
    else {
      turns.push({ sent })
      sent = []
    }
  }
  return sent.length > 0 ? null : turns
}

const hasTwoOfAKind = (sent: readonly HandlingEvent[]): boolean =>
  new Set(sent.map(({ destination }) => destination)).size < sent.length
