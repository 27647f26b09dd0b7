import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { lockOpenPause } from '#commands/pause/lock-open-pause.ts'
import { reasonText } from '#commands/reason.ts'
import { releasePause } from '#db/store/pause-store.ts'
import { Failure } from '#domain/failure.ts'

const input = z.object({ leaseId: z.uuid(), reason: reasonText })

/**
 * Ends a pause: its consumers are told at once, and what the broker had in force before is put back. The collector ends
 * the ones whose time is over, and no others.
 *
 * @throws Failure `not-found`, or `conflict` when it has ended, or (for the collector) was extended meanwhile
 */
export const endPause = defineCommand({
  name: 'pause.end',
  permission: 'consumer:control',
  input,
  run: async ({ database, actor }, { leaseId, reason }) => {
    const pause = await lockOpenPause(database, leaseId)
    if (actor.kind === 'system' && !pause.isOver) throw new Failure('conflict', 'the pause was extended')
    await releasePause(database, pause, { name: actor.name, reason })
    return { result: { leaseId }, target: `consumer:${pause.clusterId}:${pause.group}`, details: { leaseId } }
  },
})
