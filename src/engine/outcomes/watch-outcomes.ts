import type { Database } from '#db/client.ts'
import { listDestinationReaders } from '#db/store/destination-reader-store.ts'
import {
  addGroups,
  listUnsettledItems,
  listWatchedOperations,
  recogniseReturns,
  recordOutcomes,
  recordReturns,
  type NewOutcome,
  type UnsettledItem,
} from '#db/store/operation-outcome-store.ts'
import { runUnderLease } from '#db/store/run-under-lease.ts'
import { toFailure } from '#domain/failure.ts'
import { decideOutcome } from '#domain/operation/outcome.ts'
import type { Delivery } from '#telemetry-store/telemetry-store.ts'
import type { EngineContext } from '#engine/engine-context.ts'
import { createCommitLookup, type CommitLookup } from '#engine/outcomes/commit-lookup.ts'
import { summariseDeliveries } from '#engine/outcomes/summarise-deliveries.ts'
import { ageWhileHeld } from '#engine/age-approvals.ts'
import { pauseFor } from '#engine/pause-for.ts'

const LOOK_EVERY_MS = 1_000
/** Copies are watched this long after their operation has ended: a consumer may be slow. */
const KEEP_MS = 15 * 60_000
const PAGE = 1_000
const PAGES_PER_LOOK = 5

/** Follows the copies of all operations, in one collector at a time. Resolves when the signal is aborted. */
export async function watchOutcomes(context: EngineContext, stopping: AbortSignal): Promise<void> {
  const { client, holder, leaseTtlMs: ttlMs, log } = context
  while (!stopping.aborted) {
    try {
      await runUnderLease(client.database, { name: 'operation-outcomes', holder, ttlMs }, async (_lease, lost) => {
        const end = AbortSignal.any([stopping, lost])
        await Promise.all([watchWhileHeld(context, end), ageWhileHeld(context, end)])
      })
    } catch (error) {
      log.warn({ reason: toFailure(error).message }, 'outcomes are not followed just now; trying again')
    }
    await pauseFor(LOOK_EVERY_MS, stopping)
  }
}

/** How far the copies of an operation and the dead letters after it have been looked at. */
interface Cursor {
  readonly afterOrdinal: number
  readonly afterLetterId: number
}

async function watchWhileHeld(context: EngineContext, end: AbortSignal): Promise<void> {
  const { database } = context.client
  let cursors: ReadonlyMap<string, Cursor> = new Map()
  while (!end.aborted) {
    const moved = new Map<string, Cursor>()
    for (const { id, clusterId } of await listWatchedOperations(database, KEEP_MS)) {
      if (end.aborted) return
      const { afterOrdinal, afterLetterId } = cursors.get(id) ?? { afterOrdinal: 0, afterLetterId: 0 }
      const lettersSeen = await recogniseReturns(database, id, afterLetterId)
      await recordReturns(database, id)
      const commits = createCommitLookup(context, clusterId, end)
      const copiesSeen = await followCopies(context, { id, commits, afterOrdinal, end })
      moved.set(id, { afterOrdinal: copiesSeen, afterLetterId: lettersSeen })
    }
    cursors = moved
    await pauseFor(LOOK_EVERY_MS, end)
  }
}

interface Following {
  readonly id: string
  readonly commits: CommitLookup
  readonly afterOrdinal: number
  readonly end: AbortSignal
}

/** Looks at some pages of uncertain copies. @returns where to go on the next time; 0 after the last one */
async function followCopies(context: EngineContext, following: Following): Promise<number> {
  let { afterOrdinal } = following
  for (let pages = 0; pages < PAGES_PER_LOOK && !following.end.aborted; pages += 1) {
    const page = await listUnsettledItems(context.client.database, following.id, afterOrdinal, PAGE)
    const deliveries = page.items.length === 0 ? [] : await context.telemetry.readDeliveriesOf(page.items)
    const heardOf = new Set(deliveries.map(({ sender }) => sender.spanId))
    const { commitGraceMs, notSeenAfterMs } = context.outcomeLimits
    const silentMs = Math.min(commitGraceMs, notSeenAfterMs)
    const telling = page.items.filter((item) => heardOf.has(item.spanId) || item.sinceConfirmMs >= silentMs)
    const items = await addGroups(context.client.database, following.id, telling)
    const readers = await readReaders(context.client.database, items, deliveries)
    const summaries = summariseDeliveries(items, deliveries, readers)
    const found: NewOutcome[] = []
    for (const item of items) {
      const summary = summaries.get(item.ordinal) ?? { goodDeliveries: 0, badDeliveries: 0, deliveredTo: null }
      const isHeardOf = summary.goodDeliveries + summary.badDeliveries > 0
      const isDue = !isHeardOf && item.sinceConfirmMs >= context.outcomeLimits.commitGraceMs
      const committedBy = isDue ? await following.commits.findCommitPast(item) : null
      const seen = { ...summary, committedBy, sinceConfirmMs: item.sinceConfirmMs }
      const decided = decideOutcome(item.outcome, seen, context.outcomeLimits)
      if (decided !== null) found.push({ ordinal: item.ordinal, ...decided })
    }
    await recordOutcomes(context.client.database, following.id, found)
    if (page.nextOrdinal === null) return 0
    afterOrdinal = page.nextOrdinal
  }
  return afterOrdinal
}

/** The groups that might have taken the copies; asked for only when some delivery is to be attributed. */
async function readReaders(database: Database, items: readonly UnsettledItem[], deliveries: readonly Delivery[]) {
  if (deliveries.length === 0) return []
  return listDestinationReaders(database, [...new Set(items.map((item) => item.targetDestination))])
}
