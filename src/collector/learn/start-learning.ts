import type { CollectorContext, Duty } from '#collector/duty.ts'
import { learnRecordIds, type LearnScope, type Resting } from '#collector/learn/learn-record-ids.ts'
import { pause } from '#collector/pause.ts'
import { runUnderLease } from '#db/store/run-under-lease.ts'

const ROUND_EVERY_MS = 5_000
/** Flows younger than this are looked at in every round: their spans come in a few seconds late, one after the other. */
const YOUNG_MS = 60_000
/**
 * Flows are looked at once more at these ages: spans of consumers may come much later than those of senders. Whoever was
 * left out, or had no place yet, gets another chance.
 */
const LOOK_AGAIN_AT_MS = [YOUNG_MS, 900_000]
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
  const reachedUs = LOOK_AGAIN_AT_MS.map(
    (_, look) => (startedMs - (LOOK_AGAIN_AT_MS[look + 1] ?? START_FROM_AGE_MS)) * 1_000,
  )
  while (!signal.aborted) {
    const nowMs = Date.now()
    const young = { fromUs: (nowMs - YOUNG_MS) * 1_000, toUs: nowMs * 1_000, nowMs }
    await learnRecordIds(scope, young, resting, signal)
    for (const [look, ageMs] of LOOK_AGAIN_AT_MS.entries()) {
      const toUs = (nowMs - ageMs) * 1_000
      await learnRecordIds(scope, { fromUs: reachedUs[look] ?? toUs, toUs, nowMs }, resting, signal)
      reachedUs[look] = toUs
    }
    await pause(ROUND_EVERY_MS, signal)
  }
}
