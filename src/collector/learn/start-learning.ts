import type { CollectorContext, Duty } from '#collector/duty.ts'
import { learnRecordIds, type LearnScope, type Resting } from '#collector/learn/learn-record-ids.ts'
import { pause } from '#collector/pause.ts'
import { runUnderLease } from '#db/store/run-under-lease.ts'

const ROUND_EVERY_MS = 5_000
/**
 * Flows are looked at when they are this old: spans of consumers come later than those of senders, some minutes later.
 * Whoever was left out, or had no place yet, gets another chance.
 */
const LOOK_AT_AGES_MS = [5_000, 60_000, 900_000]
/** How far back the last look reaches at first, after a pause of the collector. */
const START_FROM_AGE_MS = 3_600_000

/** Learns ids of flows from the records of their messages, one collector at a time. */
export async function startLearning(context: LearnScope & Pick<CollectorContext, 'holder'>): Promise<Duty> {
  const stopping = new AbortController()
  const { client, holder, log } = context
  const work = (async () => {
    while (!stopping.signal.aborted) {
      try {
        const request = { name: 'learn', holder, signal: stopping.signal }
        await runUnderLease(client.database, request, (_, signal) => learnWhileHeld(context, signal))
      } catch (error) {
        if (!stopping.signal.aborted) log.warn({ err: error }, 'learning ids from records failed; it is tried again')
      }
      await pause(ROUND_EVERY_MS, stopping.signal)
    }
  })()
  return {
    name: 'learn',
    stop: async () => {
      stopping.abort()
      await work
    },
  }
}

async function learnWhileHeld(scope: LearnScope, signal: AbortSignal): Promise<void> {
  const resting: Resting = new Map()
  const startedMs = Date.now()
  const reachedUs = LOOK_AT_AGES_MS.map((ageMs, look) =>
    look === LOOK_AT_AGES_MS.length - 1
      ? (startedMs - START_FROM_AGE_MS) * 1_000
      : (startedMs - (LOOK_AT_AGES_MS[look + 1] ?? ageMs)) * 1_000,
  )
  while (!signal.aborted) {
    for (const [look, ageMs] of LOOK_AT_AGES_MS.entries()) {
      const nowMs = Date.now()
      const toUs = (nowMs - ageMs) * 1_000
      await learnRecordIds(scope, { fromUs: reachedUs[look] ?? toUs, toUs, nowMs }, resting, signal)
      reachedUs[look] = toUs
    }
    await pause(ROUND_EVERY_MS, signal)
  }
}
