import { performance } from 'node:perf_hooks'
import type { LaneRange, SendResult } from '#brokers/broker.ts'
import { confirmCopies } from '#engine/confirm-copies.ts'
import { findFloor } from '#db/store/arrival-floor-store.ts'
import { Failure, toFailure } from '#domain/failure.ts'
import { headerText, ITEM_HEADER, OPERATION_HEADER, type BrokerMessage } from '#domain/message.ts'
import type { Copy } from '#engine/make-copies.ts'
import { recordCopies } from '#engine/record-copies.ts'
import { removeFromSource } from '#engine/remove-from-source.ts'
import { sortResults } from '#engine/sort-results.ts'
import type { SendScope } from '#engine/send-scope.ts'
import { withinHurry } from '#engine/within-hurry.ts'

/** Clocks of the database and of who stamps the messages may be apart by so much. */
const CLOCKS_APART_MS = 10_000
/** A destination of much live traffic is not read for longer: what was not found by then is sent again, marked. */
const LOOK_AT_MOST_MS = 10_000
/** For one answer of the broker. */
const READ_LIMIT_MS = 20_000
const PAGE = { maxMessages: 2_000, maxBytes: 4 * 1024 * 1024 }
const END_OF_TIME_MS = 8_640_000_000_000_000

/**
 * Of copies that may have been sent already, by a holder that died or in a send without an answer: looks for them at
 * their destination, confirms those that are there, and gives back what has to be sent (again). A message that a
 * reader sees has what the confirm contract asks for. Where the adapter ignores a second send of the same copy nothing
 * is looked for, nor where looking would keep messages from those who work there: there they are sent again.
 *
 * @throws Failure, retryable, when the destination cannot be read just now; one of a takeover
 */
export async function confirmArrived(scope: SendScope, copies: readonly Copy[]): Promise<readonly Copy[]> {
  const doubtful = copies.filter((copy) => copy.item.claimedAtMs !== null && copy.item.state === 'claimed')
  const { send, replaySource } = scope.broker
  if (doubtful.length === 0 || send.ignoresRepeats === true || replaySource === undefined) return copies
  if (replaySource.isDisturbing === true) return copies
  const arrivals = new Map<number, BrokerMessage>()
  for (const [destination, of] of Map.groupBy(doubtful, (copy) => copy.item.targetDestination)) {
    for (const [ordinal, message] of await findCopies(scope, destination, of)) arrivals.set(ordinal, message)
  }
  const arrived = keepInOrder(doubtful, arrivals)
  if (arrived.length === 0) return copies
  await confirmFound(scope, arrived, arrivals)
  const settled = new Set(arrived.map((copy) => copy.item.ordinal))
  return copies.filter((copy) => !settled.has(copy.item.ordinal))
}

async function findCopies(
  scope: SendScope,
  destination: string,
  doubtful: readonly Copy[],
): Promise<ReadonlyMap<number, BrokerMessage>> {
  const found = new Map<number, BrokerMessage>()
  try {
    const wanted = new Set(doubtful.map((copy) => copy.item.ordinal))
    const ranges = await withinHurry(scope, findRanges(scope, destination, doubtful))
    const untilMs = performance.now() + LOOK_AT_MOST_MS
    const pages = scope.broker.replaySource?.read(destination, ranges, PAGE, limitOf(scope)) ?? []
    for await (const { messages } of pages) {
      for (const message of messages) {
        const ordinal = ordinalOf(scope, message)
        if (ordinal !== null && wanted.has(ordinal) && !found.has(ordinal)) found.set(ordinal, message)
      }
      if (found.size === wanted.size || performance.now() > untilMs) break
    }
  } catch (error) {
    const failure = toFailure(error)
    if (scope.hurry.aborted || scope.lost.aborted) throw failure
    // Also one that ran out of time: it is waited for like any destination that is away.
    if (failure.retryable) throw new Failure('broker-unavailable', failure.message, { cause: failure })
    const { log } = scope.context
    log.warn({ destination, reason: failure.message }, 'copies that may be there are not looked for; they go out again')
  }
  return found
}

const limitOf = (scope: SendScope): AbortSignal =>
  AbortSignal.any([scope.lost, scope.hurry, AbortSignal.timeout(READ_LIMIT_MS)])

/**
 * From where the copies can lie: after what was confirmed before they were claimed, which no clock can blur; on a lane
 * of which the ledger knows nothing, from the time of the claim.
 */
async function findRanges(
  scope: SendScope,
  destination: string,
  doubtful: readonly Copy[],
): Promise<readonly LaneRange[]> {
  const { broker, context, operation } = scope
  const claimedAtMs = Math.min(...doubtful.map((copy) => copy.item.claimedAtMs ?? Infinity))
  const ordinals = doubtful.map((copy) => copy.item.ordinal)
  const query = { operationId: operation.id, destination, claimedAtMs, ordinals }
  const floor = await findFloor(context.client.database, query)
  const fromMs = claimedAtMs - CLOCKS_APART_MS
  const ranges = (await broker.replaySource?.resolve(destination, fromMs, END_OF_TIME_MS, limitOf(scope))) ?? []
  return ranges.map((range) => {
    const confirmed = floor.get(range.lane)
    return confirmed === undefined ? range : { ...range, from: earlier(confirmed + 1n, range.to) }
  })
}

const earlier = (one: bigint, other: string): string => String(one < BigInt(other) ? one : other)

function ordinalOf({ operation }: SendScope, { headers }: BrokerMessage): number | null {
  if (headerText(headers, OPERATION_HEADER) !== operation.id) return null
  const item = headerText(headers, ITEM_HEADER)
  return item === null ? null : Number(item)
}

/** Of every key those before its first missing one: later ones follow that again, so that the last copies are in order. */
function keepInOrder(doubtful: readonly Copy[], arrivals: ReadonlyMap<number, BrokerMessage>): readonly Copy[] {
  const broken = new Set<string>()
  return doubtful.filter(({ item: { ordinal, orderKey } }) => {
    if (orderKey !== null && broken.has(orderKey)) return false
    if (arrivals.has(ordinal)) return true
    if (orderKey !== null) broken.add(orderKey)
    return false
  })
}

/** As a send whose answer comes now, but for that nothing was sent. */
async function confirmFound(
  scope: SendScope,
  arrived: readonly Copy[],
  arrivals: ReadonlyMap<number, BrokerMessage>,
): Promise<void> {
  const { context, operation } = scope
  const results = arrived.map(({ item }): SendResult => ({
    outcome: 'confirmed',
    position: arrivals.get(item.ordinal)?.position ?? null,
  }))
  const startUs = Math.min(...arrived.map(({ item }) => item.claimedAtMs ?? Date.now())) * 1_000
  const send = { copies: arrived, results, startUs: Math.round(startUs), durationUs: 0 }
  await recordCopies(scope, send)
  await confirmCopies(scope, null, sortResults(scope, send))
  context.log.info({ operationId: operation.id, count: arrived.length }, 'copies of before were found and confirmed')
  await removeFromSource(
    scope,
    arrived.map((copy) => copy.item),
  )
}
