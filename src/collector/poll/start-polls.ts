import type { CollectorContext, Duty } from '#collector/duty.ts'
import { pause } from '#collector/pause.ts'
import { pollCluster, POLL_RHYTHMS, type PollRhythms } from '#collector/poll/poll-cluster.ts'
import { backOffMs } from '#collector/wait-for-database.ts'
import { listActiveClusters } from '#db/store/cluster-store.ts'
import { runUnderLease } from '#db/store/run-under-lease.ts'
import type { LagRules } from '#domain/lag/lag-evaluation.ts'

const LOOK_FOR_CLUSTERS_EVERY_MS = 3_000
/** A collector that does not hold the lease asks again this often. */
const ASK_FOR_LEASE_EVERY_MS = 3_000

type PollContext = Pick<CollectorContext, 'client' | 'brokers' | 'correlation' | 'log' | 'holder'>

/** Polls every registered cluster, each under its own lease, so that several collectors share them and none is polled twice. */
export async function startPolls(
  context: PollContext,
  lagRules: LagRules = 'mended',
  rhythms: PollRhythms = POLL_RHYTHMS,
): Promise<Duty> {
  const stopping = new AbortController()
  const work = superviseClusters(context, { rhythms, lagRules }, stopping.signal)
  return {
    name: 'poll',
    stop: async () => {
      stopping.abort()
      await work
    },
  }
}

/** Starts a poll for every cluster that appears and ends it for every one that is removed. */
interface PollManner {
  readonly rhythms: PollRhythms
  readonly lagRules: LagRules
}

async function superviseClusters(context: PollContext, manner: PollManner, signal: AbortSignal): Promise<void> {
  const running = new Map<string, { readonly end: AbortController; readonly work: Promise<void> }>()
  for (let failureCount = 0; !signal.aborted;) {
    try {
      const wanted = new Set((await listActiveClusters(context.client.database)).map(({ id }) => id))
      for (const clusterId of wanted) {
        if (running.has(clusterId)) continue
        const end = new AbortController()
        const work = contend(context, manner, clusterId, AbortSignal.any([signal, end.signal]))
        running.set(clusterId, { end, work })
      }
      for (const [clusterId, { end }] of running) {
        if (wanted.has(clusterId)) continue
        end.abort()
        running.delete(clusterId)
      }
      failureCount = 0
    } catch (error) {
      failureCount += 1
      context.log.warn({ err: error }, 'the list of clusters could not be read')
    }
    await pause(failureCount === 0 ? LOOK_FOR_CLUSTERS_EVERY_MS : backOffMs(failureCount), signal)
  }
  await Promise.all([...running.values()].map(({ work }) => work))
}

async function contend(
  { client: { database }, brokers, correlation, log, holder }: PollContext,
  manner: PollManner,
  clusterId: string,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await runUnderLease(database, { name: `poll:${clusterId}`, holder, signal }, async (lease, held) => {
        log.info({ clusterId, token: lease.token }, 'polling')
        await pollCluster({ database, brokers, clusterId, lease, log, correlation, ...manner }, held)
      })
    } catch (error) {
      log.warn({ clusterId, err: error }, 'polling was interrupted')
    }
    await pause(ASK_FOR_LEASE_EVERY_MS, signal)
  }
}
