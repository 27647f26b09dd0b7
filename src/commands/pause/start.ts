import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { reasonText } from '#commands/reason.ts'
import { findPauseKinds } from '#db/store/pause-kind-store.ts'
import { insertPause } from '#db/store/pause-store.ts'
import { findViolatedConstraint } from '#db/violated-constraint.ts'
import { Failure } from '#domain/failure.ts'
import { MAX_PAUSE_MS, MIN_PAUSE_MS, PAUSE_KINDS } from '#domain/pause/pause-lease.ts'

const input = z.object({
  clusterId: z.string().min(1).max(100),
  group: z.string().min(1).max(300),
  kind: z.enum(PAUSE_KINDS),
  forMs: z.number().int().min(MIN_PAUSE_MS).max(MAX_PAUSE_MS),
  reason: reasonText,
})

/**
 * Asks for a pause of a group that ends by itself. It is on record before anything is done; the collector carries it out
 * and writes down what it sees of it.
 *
 * @throws Failure `not-found` for an unknown group, `unsupported` for a kind that is not possible here, `conflict` while
 * another pause of the group has not ended
 */
export const startPause = defineCommand({
  name: 'pause.start',
  permission: 'consumer:control',
  input,
  run: async ({ database, actor }, { clusterId, group, kind, forMs, reason }) => {
    const kinds = await findPauseKinds(database, clusterId, group)
    if (kinds === null) throw new Failure('not-found', `no group ${group} on ${clusterId}`)
    if (!kinds.some((possible) => possible.kind === kind)) {
      throw new Failure('unsupported', `${group} cannot be held this way (${kind}) here`)
    }
    try {
      const leaseId = await insertPause(database, { clusterId, group, kind, forMs, reason, askedByName: actor.name })
      return { result: { leaseId }, target: `consumer:${clusterId}:${group}`, details: { leaseId } }
    } catch (error) {
      if (findViolatedConstraint(error) !== 'pause_lease_open') throw error
      throw new Failure('conflict', `${group} is paused already; extend that pause or end it first`, { cause: error })
    }
  },
})
