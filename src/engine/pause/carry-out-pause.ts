import type { Broker, ConsumerHold, HeldGroup } from '#brokers/broker.ts'
import { endPause } from '#commands/pause/end.ts'
import type { Database } from '#db/client.ts'
import { readGroupInventory } from '#db/store/consumer-history.ts'
import { listMembers } from '#db/store/pause-member-store.ts'
import {
  markEnded,
  markHeld,
  markProblem,
  recordBefore,
  type UnfinishedPause,
  writePauseVerdict,
} from '#db/store/pause-store.ts'
import { Failure, toFailure } from '#domain/failure.ts'
import { judgePause } from '#domain/pause/judge-pause.ts'
import { ENGINE_ACTOR } from '#engine/engine-context.ts'
import type { Log } from '#log.ts'

/** A broker that takes longer is tried again with the next look. */
const BROKER_LIMIT_MS = 8_000

export interface PauseContext {
  readonly database: Database
  readonly brokers: { get(clusterId: string): Promise<Broker> }
  readonly log: Log
}

/** Brings one pause a step further, and writes down what is seen of it. Never throws: the next look tries again. */
export async function carryOutPause(context: PauseContext, pause: UnfinishedPause, signal: AbortSignal): Promise<void> {
  const { database, log } = context
  try {
    if (isDue(pause)) {
      await endPause({ database, actor: ENGINE_ACTOR }, { leaseId: pause.id, reason: 'its time is over' })
      return
    }
    if (pause.kind !== 'cooperative' && pause.endedAtMs === null) await moveHold(context, pause, signal)
    const members = await listMembers(database, pause.clusterId, pause.group)
    const verdict = judgePause({ lease: pause, members, connectedCount: pause.connectedCount, nowMs: pause.nowMs })
    const { standing, sentence, isAlert } = verdict
    if (standing === pause.standing && sentence === pause.sentence && isAlert === pause.isAlert) return
    await writePauseVerdict(database, pause.id, verdict)
  } catch (error) {
    if (signal.aborted) return
    log.warn({ pause: pause.id, reason: toFailure(error).message }, 'a pause could not be looked after; trying again')
  }
}

const isDue = ({ isOver, endedAtMs, releaseAskedAtMs }: UnfinishedPause): boolean =>
  isOver && endedAtMs === null && releaseAskedAtMs === null

/** What was before goes on record, then the broker is changed; at the end it is changed back, then the pause is over. */
async function moveHold(context: PauseContext, pause: UnfinishedPause, signal: AbortSignal): Promise<void> {
  const { database, brokers } = context
  const limit = AbortSignal.any([signal, AbortSignal.timeout(BROKER_LIMIT_MS)])
  try {
    const hold = holdOf(await brokers.get(pause.clusterId), pause)
    if (pause.releaseAskedAtMs !== null) {
      if (pause.before !== null) await hold.restore(pause.before, limit)
      await markEnded(database, pause.id)
    } else if (pause.heldAtMs === null) {
      const before = pause.before ?? (await hold.read(await heldGroup(database, pause), limit))
      if (pause.before === null) await recordBefore(database, pause.id, before)
      await hold.apply(before, limit)
      await markHeld(database, pause.id)
    }
  } catch (error) {
    if (signal.aborted) throw error
    const { message } = toFailure(error)
    if (message !== pause.problem) await markProblem(database, pause.id, message)
  }
}

function holdOf(broker: Broker, { kind }: UnfinishedPause): ConsumerHold {
  const hold = broker.consumerControl?.holds.find((known) => known.kind === kind)
  if (hold === undefined) throw new Failure('unsupported', `the broker cannot do this (${kind}) any more`)
  return hold
}

async function heldGroup(database: Database, { clusterId, group }: UnfinishedPause): Promise<HeldGroup> {
  const inventory = await readGroupInventory(database, clusterId, group)
  return { group, clientIds: (inventory?.members ?? []).flatMap(({ clientId }) => clientId ?? []) }
}
