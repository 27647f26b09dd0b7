import { performance } from 'node:perf_hooks'
import { ageApprovals } from '#db/store/approval-store.ts'
import { toFailure } from '#domain/failure.ts'
import type { EngineContext } from '#engine/engine-context.ts'
import { pauseFor } from '#engine/pause-for.ts'

const AGE_EVERY_MS = 30_000

/** Lets approvals grow older by the monotonic clock, in one collector at a time, until `end`. */
export async function ageWhileHeld({ client, log }: EngineContext, end: AbortSignal): Promise<void> {
  let countedMs = performance.now()
  while (!end.aborted) {
    await pauseFor(AGE_EVERY_MS, end)
    const nowMs = performance.now()
    try {
      await ageApprovals(client.database, nowMs - countedMs)
      countedMs = nowMs
    } catch (error) {
      log.warn({ reason: toFailure(error).message }, 'approvals could not be aged; what is missing is added later')
    }
  }
}
