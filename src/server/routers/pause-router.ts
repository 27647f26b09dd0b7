import { z } from 'zod'
import { endPause } from '#commands/pause/end.ts'
import { extendPause } from '#commands/pause/extend.ts'
import { startPause } from '#commands/pause/start.ts'
import { findPauseKinds } from '#db/store/pause-kind-store.ts'
import { listMembers } from '#db/store/pause-member-store.ts'
import { findUnfinishedPause } from '#db/store/pause-store.ts'
import { procedure, router } from '#server/procedure.ts'
import { commandContext } from '#server/request-context.ts'

/** Nobody reads more of them on a page; the sentence counts them all. */
const MAX_SHOWN = 200

export const pauseRouter = router({
  /** What is asked of a group, what is seen of it, and how it could be paused. */
  get: procedure('telemetry:read')
    .input(z.object({ clusterId: z.string().max(100), group: z.string().max(300) }))
    .query(async ({ ctx, input }) => {
      const { database } = ctx.runtime
      const [pause, members, kinds] = await Promise.all([
        findUnfinishedPause(database, input),
        listMembers(database, input.clusterId, input.group),
        findPauseKinds(database, input.clusterId, input.group),
      ])
      return {
        pause,
        members: members.slice(0, MAX_SHOWN),
        memberCount: members.length,
        /** Empty where nobody knows the group any more. */
        kinds: kinds ?? [],
        nowMs: ctx.runtime.nowMs(),
      }
    }),

  start: procedure(startPause.permission)
    .input(startPause.input)
    .mutation(({ ctx, input }) => startPause(commandContext(ctx), input)),

  extend: procedure(extendPause.permission)
    .input(extendPause.input)
    .mutation(({ ctx, input }) => extendPause(commandContext(ctx), input)),

  end: procedure(endPause.permission)
    .input(endPause.input)
    .mutation(({ ctx, input }) => endPause(commandContext(ctx), input)),
})
