import type { Broker } from '#brokers/broker.ts'
import type { DatabaseClient } from '#db/client.ts'
import { deleteSilentMembers } from '#db/store/pause-member-store.ts'
import { listUnfinishedPauses, PAUSE_CHANNEL } from '#db/store/pause-store.ts'
import { runUnderLease } from '#db/store/run-under-lease.ts'
import { toFailure } from '#domain/failure.ts'
import { carryOutPause } from '#engine/pause/carry-out-pause.ts'
import { pauseFor } from '#engine/pause-for.ts'
import { wakeOnNotify } from '#engine/wake-on-notify.ts'
import type { Log } from '#log.ts'

/** How often pauses are looked at: what members and positions say moves at this pace. */
const LOOK_EVERY_MS = 1_000
/** A collector that does not hold the lease asks again this often. */
const ASK_FOR_LEASE_EVERY_MS = 3_000

export interface PausesOptions {
  readonly client: DatabaseClient
  readonly brokers: { get(clusterId: string): Promise<Broker> }
  readonly log: Log
  /** Names this process in leases; unique per start. */
  readonly holder: string
}

/** Carries out pauses, ends those whose time is over, and writes down what is seen of them; one collector at a time. */
export function startPauses(options: PausesOptions): { stop(): Promise<void> } {
  const stopping = new AbortController()
  let wake = new AbortController()
  const heed = () => {
    wake.abort()
    wake = new AbortController()
  }
  const works = [
    wakeOnNotify(options.client.pool, PAUSE_CHANNEL, heed, options.log, stopping.signal),
    contend(options, stopping.signal, () => wake.signal),
  ]
  return {
    stop: async () => {
      stopping.abort()
      await Promise.all(works)
    },
  }
}

async function contend(options: PausesOptions, stopping: AbortSignal, woken: () => AbortSignal): Promise<void> {
  const { client, log, holder } = options
  while (!stopping.aborted) {
    try {
      await runUnderLease(client.database, { name: 'pauses', holder, signal: stopping }, async (_, held) => {
        while (!held.aborted) {
          const nextWake = woken()
          await lookAtPauses(options, held)
          await pauseFor(LOOK_EVERY_MS, AbortSignal.any([held, nextWake]))
        }
      })
    } catch (error) {
      log.warn({ reason: toFailure(error).message }, 'cannot look after pauses; trying again')
    }
    await pauseFor(ASK_FOR_LEASE_EVERY_MS, stopping)
  }
}

async function lookAtPauses({ client: { database }, brokers, log }: PausesOptions, signal: AbortSignal): Promise<void> {
  const pauses = await listUnfinishedPauses(database)
  // One broker that does not answer holds up its own pauses alone.
  await Promise.all(pauses.map((pause) => carryOutPause({ database, brokers, log }, pause, signal)))
  await deleteSilentMembers(database)
}
