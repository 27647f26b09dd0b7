import type {
  Attempts,
  AttemptStep,
  HotKey,
  RepeatedMessage,
  Run,
  Taker,
  TakerAttempts,
} from '#domain/attempt/attempt.ts'
import { isPhantomAttempt, readMessageIdentities } from '#domain/attempt/delivery-identity.ts'
import type { SpanRecord } from '#domain/trace/span.ts'

/** A key is hot from this share of its destination's messages and this many of them up. */
const HOT_SHARE = 0.1
const HOT_COUNT = 10
const MAX_HOT_KEYS = 50

interface TakerBook {
  readonly taker: Taker
  readonly runsById: Map<string, Run[]>
  readonly nameless: Run[]
  phantomCount: number
}

/**
 * Counts how often messages were worked on, from the spans that took them within a window. A message whose first run lies
 * before the window is counted from the runs that are in it.
 */
export function countAttempts(taken: readonly SpanRecord[], stepUs: number): Attempts {
  const books = fillBooks(taken)
  const repeated = [...books.values()].flatMap((book) => findRepeated(book))
  return {
    takers: [...books.values()]
      .map((book) => sumUp(book, stepUs))
      .toSorted((left, right) => right.amplification - left.amplification || right.deliveryCount - left.deliveryCount),
    repeated: repeated.toSorted(
      (left, right) =>
        Number(right.kind === 'duplicate') - Number(left.kind === 'duplicate') || right.runs.length - left.runs.length,
    ),
    hotKeys: findHotKeys(books.values()),
  }
}

function fillBooks(taken: readonly SpanRecord[]): ReadonlyMap<string, TakerBook> {
  const books = new Map<string, TakerBook>()
  const seen = new Set<string>()
  for (const span of withoutFetches(taken).toSorted((left, right) => left.startUs - right.startUs)) {
    const spanKey = `${span.traceId}${span.spanId}`
    if (span.messaging?.batchCount === 0 || seen.has(spanKey)) continue
    seen.add(spanKey)
    const book = bookOf(books, span)
    if (isPhantomAttempt(span)) book.phantomCount += 1
    else enter(book, { span, isFailed: span.status === 'error' })
  }
  return books
}

/** Where a taker makes spans of processing, its spans of fetching are no deliveries of their own. */
function withoutFetches(taken: readonly SpanRecord[]): readonly SpanRecord[] {
  const pairOf = ({ service, messaging }: SpanRecord) => `${service}\0${messaging?.destination}`
  const processing = new Set(
    taken.filter(({ messaging }) => messaging?.operation === 'process').map((span) => pairOf(span)),
  )
  return taken.filter((span) => span.messaging?.operation === 'process' || !processing.has(pairOf(span)))
}

function bookOf(books: Map<string, TakerBook>, { service, messaging }: SpanRecord): TakerBook {
  const taker = {
    destination: messaging?.destination ?? 'unknown',
    service,
    consumerGroup: messaging?.consumerGroup ?? null,
  }
  const key = `${taker.destination}\0${service}\0${taker.consumerGroup ?? ''}`
  const known = books.get(key)
  if (known !== undefined) return known
  const made: TakerBook = { taker, runsById: new Map(), nameless: [], phantomCount: 0 }
  books.set(key, made)
  return made
}

function enter(book: TakerBook, run: Run): void {
  const identities = readMessageIdentities(run.span)
  if (identities.length === 0) book.nameless.push(run)
  for (const identity of identities) {
    const runs = book.runsById.get(identity)
    if (runs === undefined) book.runsById.set(identity, [run])
    else if (isLater(run, runs.at(-1), identity)) runs.push(run)
    // Runs side by side under one sender are different messages of a batch that was sent as one span.
    else book.runsById.set(`${identity}\0${run.span.spanId}`, [run])
  }
}

const endOf = ({ span }: Run): number => span.startUs + span.durationUs

function isLater(run: Run, before: Run | undefined, identity: string): boolean {
  return !identity.startsWith('s\0') || before === undefined || run.span.startUs >= endOf(before)
}

function findRepeated({ taker, runsById }: TakerBook): readonly RepeatedMessage[] {
  return [...runsById].flatMap(([identity, runs]) => {
    const [first] = runs
    if (first === undefined || runs.length < 2) return []
    const { messaging, correlationId } = first.span
    return [
      {
        ...taker,
        id: `${identity}\0${taker.service}\0${taker.consumerGroup ?? ''}`,
        messageKey: messaging?.messageKey ?? null,
        correlationId,
        runs,
        kind: runs.slice(0, -1).every(({ isFailed }) => isFailed) ? 'retried' : 'duplicate',
      },
    ]
  })
}

function sumUp(book: TakerBook, stepUs: number): TakerAttempts {
  const messages = [...book.runsById.values(), ...book.nameless.map((run) => [run])]
  const runs = messages.flat()
  const repeated = findRepeated(book)
  return {
    ...book.taker,
    messageCount: messages.length,
    deliveryCount: runs.length,
    amplification: messages.length === 0 ? 1 : runs.length / messages.length,
    failedCount: runs.filter(({ isFailed }) => isFailed).length,
    retriedCount: repeated.filter(({ kind }) => kind === 'retried').length,
    duplicateCount: repeated.filter(({ kind }) => kind === 'duplicate').length,
    worstCount: messages.reduce((most, { length }) => Math.max(most, length), 0),
    phantomCount: book.phantomCount,
    namelessCount: book.nameless.length,
    steps: countSteps(messages, stepUs),
  }
}

function countSteps(messages: readonly (readonly Run[])[], stepUs: number): readonly AttemptStep[] {
  const steps = new Map<number, { firstCount: number; againCount: number }>()
  for (const runs of messages) {
    for (const [index, { span }] of runs.entries()) {
      const atUs = Math.floor(span.startUs / stepUs) * stepUs
      const step = steps.get(atUs) ?? { firstCount: 0, againCount: 0 }
      steps.set(atUs, step)
      if (index === 0) step.firstCount += 1
      else step.againCount += 1
    }
  }
  return [...steps].map(([atUs, counts]) => ({ atUs, ...counts })).toSorted((left, right) => left.atUs - right.atUs)
}

function findHotKeys(books: Iterable<TakerBook>): readonly HotKey[] {
  const messagesByKey = new Map<string, Map<string, Set<string>>>()
  for (const { taker, runsById } of books) {
    for (const [identity, [first]] of runsById) {
      const key = first?.span.messaging?.messageKey ?? null
      if (key === null) continue
      const keys = messagesByKey.get(taker.destination) ?? new Map<string, Set<string>>()
      messagesByKey.set(taker.destination, keys)
      keys.set(key, (keys.get(key) ?? new Set()).add(identity))
    }
  }
  return [...messagesByKey]
    .flatMap(([destination, keys]) => {
      const total = [...keys.values()].reduce((sum, { size }) => sum + size, 0)
      return [...keys].map(([key, { size }]) => ({ destination, key, messageCount: size, share: size / total }))
    })
    .filter(({ share, messageCount }) => share >= HOT_SHARE && messageCount >= HOT_COUNT)
    .toSorted((left, right) => right.share - left.share)
    .slice(0, MAX_HOT_KEYS)
}
