import type { CollectorContext, Duty } from '#collector/duty.ts'
import { postUnfinished } from '#collector/index/post-unfinished.ts'
import { pause } from '#collector/pause.ts'
import { listAttributeIndexes } from '#db/store/attribute-index-store.ts'
import { runUnderLease } from '#db/store/run-under-lease.ts'
import { indexedKeys } from '#telemetry-store/postgres/indexed-keys.ts'

const LOOK_EVERY_MS = 3_000

/**
 * Keeps the list of attribute keys that ingest posts, and posts what was stored before a key was asked for, one collector
 * at a time. Ingest begins after it, so that no span passes by unposted.
 */
export async function startAttributeIndex({
  client,
  holder,
  log,
}: Pick<CollectorContext, 'client' | 'holder' | 'log'>): Promise<Duty> {
  const stopping = new AbortController()
  const { signal } = stopping
  const refresh = async () => indexedKeys.replace(await listAttributeIndexes(client.database))
  await refresh()
  const repeat = async (what: string, work: () => Promise<unknown>) => {
    while (!signal.aborted) {
      await pause(LOOK_EVERY_MS, signal)
      if (signal.aborted) return
      try {
        await work()
      } catch (error) {
        if (!signal.aborted) log.warn({ err: error }, `${what} failed; it is tried again`)
      }
    }
  }
  const lease = { name: 'attribute-index', holder, signal }
  const work = Promise.all([
    repeat('reading which attributes are indexed', refresh),
    repeat('indexing stored attributes', () =>
      runUnderLease(client.database, lease, (_, held) => postUnfinished({ client, log }, Date.now(), held)),
    ),
  ])
  return {
    name: 'index',
    stop: async () => {
      stopping.abort()
      await work
    },
  }
}
