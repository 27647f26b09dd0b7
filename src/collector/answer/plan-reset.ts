import { z } from 'zod'
import type { Broker, LaneLag } from '#brokers/broker.ts'
import type { BrokerDirectory } from '#collector/duty.ts'
import type { Database } from '#db/client.ts'
import type { CollectorAnswer, CollectorQuestion } from '#db/store/collector-request-store.ts'
import { findConsumerAction } from '#db/store/consumer-action-store.ts'
import { readIsApproximate } from '#db/store/lag-store.ts'
import { Failure } from '#domain/failure.ts'
import { planResetLane, type ResetFacts, type ResetPlan } from '#domain/reset/reset-plan.ts'
import { resetPlanSchema, resetTargetSchema } from '#domain/reset/reset-plan-schema.ts'

const questionSchema = z.object({
  group: z.string().min(1),
  destination: z.string().min(1),
  target: resetTargetSchema,
  /** null = all. */
  lanes: z.array(z.string()).min(1).nullable(),
})

/**
 * The dry run of a reset: where the group stands now, lane by lane, and where it would be put. Nothing is changed. The
 * answer is {plan: ResetPlan}.
 *
 * @throws Failure `unsupported` where positions cannot be set, `not-found` for a group, lane or reset that is not there
 */
export async function planReset(
  brokers: BrokerDirectory,
  database: Database,
  clusterId: string,
  question: CollectorQuestion,
  signal: AbortSignal,
): Promise<CollectorAnswer> {
  const parsed = questionSchema.safeParse(question)
  if (!parsed.success) throw new Failure('invalid', 'the question names no group, or no target')
  const { group, destination, target, lanes: chosen } = parsed.data
  const broker = await brokers.get(clusterId)
  const { offsets } = broker
  if (offsets?.reset === undefined) {
    throw new Failure('unsupported', `${clusterId} keeps no positions: what is worked off is taken away`)
  }
  const undone = target.kind === 'undo' ? await readUndone(database, clusterId, target.resetId, destination) : null
  const activity = await offsets.reset.readActivity(group, signal)
  const readAtMs = Date.now()
  const all = await offsets.read(group, destination, signal)
  const lanes = chooseLanes(all, chosen ?? undone?.map(({ lane }) => lane) ?? null, destination)
  const atTime = target.kind === 'time' ? await findByTime(broker, destination, target.atMs, signal) : null
  const plan: ResetPlan = {
    group,
    destination,
    target,
    lanes: lanes.map((lane) => planResetLane(target, factsOf(lane, atTime, undone))),
    activity,
    isApproximate: await readIsApproximate(database, clusterId, { group, destination }),
    readAtMs,
  }
  return { plan }
}

/** What the reset did where it was done. @throws Failure `not-found`, `conflict` when it did nothing */
async function readUndone(
  database: Database,
  clusterId: string,
  resetId: string,
  destination: string,
): Promise<ResetPlan['lanes']> {
  const row = await findConsumerAction(database, resetId)
  const isReset = row?.kind === 'reset-offsets' || row?.kind === 'undo-reset'
  if (!isReset || row.clusterId !== clusterId || row.destination !== destination) {
    throw new Failure('not-found', 'there is no such reset')
  }
  if (row.state === 'planned' || row.state === 'asked') throw new Failure('conflict', 'that reset is not over yet')
  if (row.state === 'refused' || row.state === 'failed') throw new Failure('conflict', 'that reset changed nothing')
  return resetPlanSchema.parse(row.plan).lanes.filter(({ from, to }) => from !== to)
}

function chooseLanes(
  all: readonly LaneLag[],
  chosen: readonly string[] | null,
  destination: string,
): readonly LaneLag[] {
  if (chosen === null) {
    if (all.length === 0) throw new Failure('not-found', `the group has nothing to do with ${destination}`)
    return all
  }
  const byName = new Map(all.map((lane) => [lane.lane, lane]))
  return [...new Set(chosen)].map((name) => {
    const lane = byName.get(name)
    if (lane === undefined) throw new Failure('not-found', `lane ${name} of ${destination} cannot be read`)
    return lane
  })
}

async function findByTime(
  broker: Broker,
  destination: string,
  atMs: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  if (broker.replaySource === undefined) throw new Failure('unsupported', 'messages cannot be found by time here')
  const ranges = await broker.replaySource.resolve(destination, atMs, atMs, signal)
  return new Map(ranges.map(({ lane, from }) => [lane, Number(from)]))
}

function factsOf(
  { lane, committed, start, end }: LaneLag,
  atTime: ReadonlyMap<string, number> | null,
  undone: ResetPlan['lanes'] | null,
): ResetFacts {
  const was = undone?.find((one) => one.lane === lane)
  return {
    lane,
    committed,
    start,
    end,
    atTime: atTime?.get(lane) ?? null,
    undo: was === undefined ? null : { setTo: was.to, before: was.from },
  }
}
