import type { CollectorContext, Duty } from '#collector/duty.ts'
import { pause } from '#collector/pause.ts'
import { seekFailingSpans, type WitnessScope } from '#collector/witness/seek-failing-spans.ts'
import { runUnderLease } from '#db/store/run-under-lease.ts'

const ROUND_EVERY_MS = 2_000
/** Batches of one round: in a flood the rest waits for the next one. */
const MOST_BATCHES = 20

/** Finds out who failed on dead letters, one collector at a time. */
export async function startWitnesses(context: WitnessScope & Pick<CollectorContext, 'holder'>): Promise<Duty> {
  const stopping = new AbortController()
  const { client, holder, log } = context
  const work = (async () => {
    while (!stopping.signal.aborted) {
      try {
        const request = { name: 'witness', holder, signal: stopping.signal }
        await runUnderLease(client.database, request, (_, signal) => seekWhileHeld(context, signal))
      } catch (error) {
        if (!stopping.signal.aborted) log.warn({ err: error }, 'looking for failing spans failed; it is tried again')
      }
      await pause(ROUND_EVERY_MS, stopping.signal)
    }
  })()
  return {
    name: 'witness',
    stop: async () => {
      stopping.abort()
      await work
    },
  }
}

async function seekWhileHeld(scope: WitnessScope, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (let batch = 0; batch < MOST_BATCHES && !signal.aborted; batch += 1) {
      if (!(await seekFailingSpans(scope)).isFull) break
    }
    await pause(ROUND_EVERY_MS, signal)
  }
}
