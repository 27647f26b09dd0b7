import { performance } from 'node:perf_hooks'
import { pause } from '#collector/pause.ts'
import type { DatabaseClient } from '#db/client.ts'
import { listActiveClusters } from '#db/store/cluster-store.ts'
import { listPauseOrders, PAUSE_CHANNEL, type PauseOrder } from '#db/store/pause-store.ts'
import { toFailure } from '#domain/failure.ts'
import { wakeOnNotify } from '#engine/wake-on-notify.ts'
import type { Log } from '#log.ts'

/** Also without a notification the orders are read this often. */
const READ_EVERY_MS = 2_000
/** Orders that could not be read again for so long are not passed on: a consumer then keeps to what it knows. */
const STALE_AFTER_MS = 15_000

/** What a group is told now. */
export interface GroupOrder {
  /** Names this very order and its end: a consumer that has seen it is told when there is another. */
  readonly revision: string
  /** null = take messages. */
  readonly lease: {
    readonly id: string
    readonly remainingMs: number
    readonly reason: string
    readonly by: string
  } | null
}

/** The pauses by asking that are in force, as the database has them. */
export interface OrderBook {
  /** null while the database cannot be asked. */
  orderOf(clusterId: string, group: string): GroupOrder | null
  /** null before the database was first asked. */
  isClusterKnown(clusterId: string): boolean | null
  /** Resolves when the group's order is another one than `seen`, after `waitMs`, or when the signal aborts. */
  waitForChange(
    clusterId: string,
    group: string,
    seen: string | null,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<void>
  stop(): Promise<void>
}

interface Entry {
  readonly order: PauseOrder
  readonly revision: string
  /** By the monotonic clock. */
  readonly expiresAt: number
}

const RUN: GroupOrder = { revision: 'run', lease: null }
const keyOf = (clusterId: string, group: string) => JSON.stringify([clusterId, group])

export function openOrderBook(client: DatabaseClient, log: Log): OrderBook {
  const stopping = new AbortController()
  let wake = new AbortController()
  let changed = new AbortController()
  let entries = new Map<string, Entry>()
  let clusters: ReadonlySet<string> | null = null
  let readAt = Number.NEGATIVE_INFINITY
  const readOrders = async () => {
    const [orders, known] = await Promise.all([listPauseOrders(client.database), listActiveClusters(client.database)])
    const now = performance.now()
    const before = namesOf(entries)
    entries = new Map(orders.map((order) => [keyOf(order.clusterId, order.group), entryOf(order, now)]))
    clusters = new Set(known.map(({ id }) => id))
    readAt = now
    // Those who wait are woken for a change alone, and not with every reading.
    if (namesOf(entries) === before) return
    changed.abort()
    changed = new AbortController()
  }
  const follow = async () => {
    while (!stopping.signal.aborted) {
      const woken = wake.signal
      try {
        await readOrders()
      } catch (error) {
        log.warn({ reason: toFailure(error).message }, 'pauses cannot be read; consumers keep to what they know')
      }
      await pause(READ_EVERY_MS, AbortSignal.any([stopping.signal, woken]))
    }
  }
  const heed = () => {
    wake.abort()
    wake = new AbortController()
  }
  const work = Promise.all([follow(), wakeOnNotify(client.pool, PAUSE_CHANNEL, heed, log, stopping.signal)])
  const orderOf = (clusterId: string, group: string): GroupOrder | null => {
    const now = performance.now()
    return now - readAt > STALE_AFTER_MS ? null : orderAt(entries.get(keyOf(clusterId, group)), now)
  }
  return {
    orderOf,
    isClusterKnown: (clusterId) => clusters?.has(clusterId) ?? null,
    async waitForChange(clusterId, group, seen, waitMs, signal) {
      const endAt = performance.now() + waitMs
      while (!signal.aborted && !stopping.signal.aborted) {
        const leftMs = endAt - performance.now()
        const order = orderOf(clusterId, group)
        if (leftMs <= 0 || (order !== null && order.revision !== seen)) return
        await pause(
          Math.min(leftMs, order?.lease?.remainingMs ?? leftMs),
          AbortSignal.any([signal, stopping.signal, changed.signal]),
        )
      }
    },
    stop: async () => {
      stopping.abort()
      await work
    },
  }
}

/** The end is part of the revision: an extension is a new order. */
const entryOf = (order: PauseOrder, now: number): Entry => ({
  order,
  revision: `${order.leaseId}:${order.expiresAtMs}`,
  expiresAt: now + order.remainingMs,
})

const namesOf = (entries: ReadonlyMap<string, Entry>): string =>
  [...entries.values()]
    .map(({ revision }) => revision)
    .toSorted()
    .join()

function orderAt(entry: Entry | undefined, now: number): GroupOrder {
  if (entry === undefined || entry.expiresAt <= now) return RUN
  const { leaseId: id, reason, askedByName: by } = entry.order
  return { revision: entry.revision, lease: { id, remainingMs: Math.ceil(entry.expiresAt - now), reason, by } }
}
