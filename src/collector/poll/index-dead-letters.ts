import type { Broker, DeadLetterFacet, DeadLetterPlace, FoundPlaces, PageBound } from '#brokers/broker.ts'
import { type FindRule, findDeadLetterFacts } from '#collector/poll/find-dead-letter-facts.ts'
import { describeUnfetched, fetchReferences, referencesOf } from '#collector/poll/fetch-references.ts'
import type { CycleResult } from '#collector/poll/poll-cycle.ts'
import type { Database } from '#db/client.ts'
import {
  type FoundDeadLetter,
  readDeadLetterCheckpoint,
  saveDeadLetterPage,
} from '#db/store/dead-letter-index-store.ts'
import { expireDeadLetters, expireLetters, listOpenPositions } from '#db/store/dead-letter-expiry-store.ts'
import { foldDeadLetterTally } from '#db/store/dead-letter-tally.ts'
import { listKnownPlaces, saveDeadLetterPlaces } from '#db/store/inventory-store.ts'
import type { Lease } from '#db/store/lease-store.ts'
import { toFailure } from '#domain/failure.ts'
import { parsePosition, printPosition } from '#domain/position.ts'

const PAGE: PageBound = { maxMessages: 1_000, maxBytes: 8 * 1_024 * 1_024 }
const EXPIRE_PER_CYCLE = 5_000
/** In a flood the changes of the sums are added up on the way, so that reading them stays cheap. */
const PAGES_PER_FOLD = 10
/** Open letters of a place that are looked for at their broker in one cycle; the next cycle goes on after them. */
const CHECKED_PER_CYCLE = 5_000

/** By place: the last letter that was looked for at its broker. */
export type CheckedLetters = Map<string, number>

/**
 * Finds the places where dead letters land: what the adapter finds, plus what a person named. While a way of finding is
 * closed, places that configuration named before stay in use: they did not go away with whoever would tell of them.
 */
export async function findPlaces(
  database: Database,
  clusterId: string,
  facet: DeadLetterFacet,
  signal: AbortSignal,
): Promise<FoundPlaces> {
  const { places: found, unreadable } = await facet.find(signal)
  signal.throwIfAborted()
  await saveDeadLetterPlaces(database, clusterId, found)
  const known = new Set(found.map(({ destination }) => destination))
  const kept = await listKnownPlaces(
    database,
    clusterId,
    unreadable.length === 0 ? ['hand'] : ['hand', 'configuration'],
  )
  const named = kept
    .filter(({ destination }) => !known.has(destination))
    .map(({ origin, ...place }): DeadLetterPlace => ({ ...place, originDestination: origin, consumerGroup: null }))
  return { places: [...found, ...named], unreadable }
}

/** Reads every place from its cursor to its present end and stores what is new. One place that fails does not stop the others. */
export async function indexDeadLetters(
  database: Database,
  broker: Broker,
  lease: Lease,
  places: readonly DeadLetterPlace[],
  signal: AbortSignal,
  findRule?: FindRule,
  checked: CheckedLetters = new Map(),
): Promise<CycleResult> {
  const reasons: string[] = []
  let itemCount = 0
  let failureCount = 0
  for (const place of places) {
    try {
      const indexed = await indexPlace({ database, broker, lease, findRule }, place, signal)
      reasons.push(...(await lookAfterOpen(database, broker, place.destination, checked, signal)))
      itemCount += indexed.itemCount
      reasons.push(...indexed.reasons)
    } catch (error) {
      if (signal.aborted || (failureCount += 1) === places.length) throw error
      reasons.push(`${place.destination}: ${toFailure(error).message}`)
    }
  }
  await expireDeadLetters(database, broker.clusterId, EXPIRE_PER_CYCLE)
  await foldDeadLetterTally(database)
  return { itemCount, reasons }
}

interface Indexing {
  readonly database: Database
  readonly broker: Broker
  readonly lease: Lease
  readonly findRule: FindRule | undefined
}

/** While a page is stored the next one is read and understood; at most one is stored at a time. */
async function indexPlace(
  { database, broker, lease, findRule }: Indexing,
  place: DeadLetterPlace,
  signal: AbortSignal,
): Promise<CycleResult> {
  const { clusterId, deadLetters } = broker
  const { destination } = place
  if (deadLetters === undefined) return { itemCount: 0, reasons: [] }
  const checkpoint = await readDeadLetterCheckpoint(database, clusterId, destination)
  const reasons: string[] = []
  let itemCount = 0
  let savedPages = 0
  let current = checkpoint
  const save = async (letters: readonly FoundDeadLetter[], pageCheckpoint: string): Promise<void> => {
    itemCount += await saveDeadLetterPage(database, lease, {
      clusterId,
      destination,
      letters,
      checkpoint: pageCheckpoint,
    })
    const unfetched = await fetchReferences(database, broker, destination, referencesOf(letters), signal)
    const missing = describeUnfetched(destination, unfetched)
    if (missing !== null) reasons.push(missing)
    savedPages += 1
    if (savedPages % PAGES_PER_FOLD === 0) await foldDeadLetterTally(database)
  }
  let saving: Promise<void> = Promise.resolve()
  try {
    for await (const page of deadLetters.read(destination, checkpoint, PAGE, signal)) {
      signal.throwIfAborted()
      for (const gap of page.gaps) {
        reasons.push(`${destination} ${gap.lane}: gone before it could be read, from ${gap.expected} to ${gap.found}`)
      }
      if (page.messages.length === 0 && page.checkpoint === current) continue
      const nowMs = Date.now()
      const letters = page.messages.map((message) => findDeadLetterFacts(message, place, nowMs, findRule))
      await saving
      saving = save(letters, page.checkpoint)
      // Its failure is thrown where it is waited for, which may be after a page that takes long to come.
      saving.catch(() => undefined)
      current = page.checkpoint
    }
  } finally {
    await saving
  }
  return { itemCount, reasons }
}

/**
 * Of some open letters in each cycle: those that are not at their place any more, whatever their time says, can be read and
 * redriven no more; what others point to and could not be fetched before is asked for again.
 *
 * @returns which topics still cannot be read
 */
async function lookAfterOpen(
  database: Database,
  broker: Broker,
  destination: string,
  checked: CheckedLetters,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { clusterId, deadLetters } = broker
  if (deadLetters?.findGone === undefined) return []
  const page = { clusterId, destination, afterId: checked.get(destination) ?? 0, limit: CHECKED_PER_CYCLE }
  const open = await listOpenPositions(database, page)
  const last = open.at(-1)
  if (open.length < CHECKED_PER_CYCLE || last === undefined) checked.delete(destination)
  else checked.set(destination, last.id)
  const positions = open.flatMap((letter) => parsePosition(letter.position) ?? [])
  if (positions.length === 0) return []
  const gone = new Set((await deadLetters.findGone(destination, positions, signal)).map(printPosition))
  signal.throwIfAborted()
  await expireLetters(
    database,
    open.flatMap(({ id, position }) => (gone.has(position) ? [id] : [])),
  )
  const unfetched = open.flatMap(({ position, unfetchedOrigin, unfetchedPosition }) =>
    unfetchedOrigin === null || unfetchedPosition === null || gone.has(position)
      ? []
      : [{ position, originDestination: unfetchedOrigin, originPosition: unfetchedPosition }],
  )
  return (await fetchReferences(database, broker, destination, unfetched, signal)).failures
}
