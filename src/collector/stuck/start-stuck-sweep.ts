import type { CollectorContext, Duty } from '#collector/duty.ts'
import { pause } from '#collector/pause.ts'
import { learnDeadlines } from '#collector/stuck/learn-deadlines.ts'
import { readReaderBook } from '#collector/stuck/reader-book.ts'
import { recheckStuck } from '#collector/stuck/recheck-stuck.ts'
import { type Sweep, sweepStuck } from '#collector/stuck/sweep-stuck.ts'
import { runUnderLease } from '#db/store/run-under-lease.ts'
import { listOpenStuck } from '#db/store/stuck-store.ts'
import type { Log } from '#log.ts'

const SWEEP_EVERY_MS = 5_000
const LEARN_EVERY_MS = 600_000
const MAX_RECHECKED = 1_000

type SweepScope = Pick<CollectorContext, 'client' | 'holder' | 'log'>

/** Lists messages that were not taken in time, one collector at a time. */
export async function startStuckSweep({ client, holder, log }: SweepScope): Promise<Duty> {
  const stopping = new AbortController()
  const work = (async () => {
    while (!stopping.signal.aborted) {
      try {
        const request = { name: 'stuck', holder, signal: stopping.signal }
        await runUnderLease(client.database, request, (_, signal) => sweepWhileHeld({ client, log }, signal))
      } catch (error) {
        if (!stopping.signal.aborted) log.warn({ err: error }, 'looking for stuck messages failed; it is tried again')
      }
      await pause(SWEEP_EVERY_MS, stopping.signal)
    }
  })()
  return {
    name: 'stuck',
    stop: async () => {
      stopping.abort()
      await work
    },
  }
}

async function sweepWhileHeld({ client, log }: Pick<SweepScope, 'client' | 'log'>, signal: AbortSignal): Promise<void> {
  let learntAt = Number.NEGATIVE_INFINITY
  while (!signal.aborted) {
    const startedAt = performance.now()
    const isToLearn = startedAt - learntAt > LEARN_EVERY_MS
    await sweepOnce({ client, log }, Date.now(), isToLearn, signal)
    if (isToLearn) learntAt = startedAt
    await pause(Math.max(1_000, SWEEP_EVERY_MS - (performance.now() - startedAt)), signal)
  }
}

/** One round: open rows first, then the messages that have become due. */
export async function sweepOnce(
  { client, log }: { readonly client: Sweep['client']; readonly log: Log },
  nowMs: number,
  isToLearn: boolean,
  signal: AbortSignal,
): Promise<void> {
  const open = await listOpenStuck(client.database, MAX_RECHECKED)
  const book = await readReaderBook(client, [...new Set(open.map(({ destination }) => destination))], nowMs)
  if (isToLearn) await learnDeadlines(client, book, nowMs)
  const sweep = { client, book, nowMs, signal }
  const resolvedCount = await recheckStuck(sweep, open)
  const result = await sweepStuck(sweep)
  if (result.skippedUs > 0) log.warn(result, 'messages were passed over in the search for stuck ones: too many to read')
  log.debug({ ...result, resolvedCount }, 'looked for stuck messages')
}
