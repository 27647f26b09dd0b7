import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { lockOpenPause } from '#commands/pause/lock-open-pause.ts'
import { reasonText } from '#commands/reason.ts'
import { extendPauseTo } from '#db/store/pause-store.ts'
import { Failure } from '#domain/failure.ts'
import { MAX_PAUSE_MS, MIN_PAUSE_MS } from '#domain/pause/pause-lease.ts'

const input = z.object({
  leaseId: z.uuid(),
  /** From now on, not from its present end: nobody gets more than a day out of one word. */
  forMs: z.number().int().min(MIN_PAUSE_MS).max(MAX_PAUSE_MS),
  reason: reasonText,
})

/**
 * Lets a pause end at another time than was said.
 *
 * @throws Failure `not-found`, or `conflict` when it is over or is being ended
 */
export const extendPause = defineCommand({
  name: 'pause.extend',
  permission: 'consumer:control',
  input,
  run: async ({ database }, { leaseId, forMs }) => {
    const pause = await lockOpenPause(database, leaseId)
    if (pause.isOver) throw new Failure('conflict', 'its time is over; ask for a new pause')
    await extendPauseTo(database, pause, forMs)
    return {
      result: { leaseId },
      target: `consumer:${pause.clusterId}:${pause.group}`,
      details: { before: { expiresAtMs: pause.expiresAtMs } },
    }
  },
})
