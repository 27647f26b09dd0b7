import type { LaneLag, OffsetResetFacet, SetResult } from '#brokers/broker.ts'
import { hashResetPlan } from '#commands/consumer/hash-reset-plan.ts'
import type { ActionEnd } from '#db/store/consumer-action-store.ts'
import { Failure, toFailure } from '#domain/failure.ts'
import type { GroupActivity, ResetLane, ResetPlan } from '#domain/reset/reset-plan.ts'
import { resetPlanSchema } from '#domain/reset/reset-plan-schema.ts'
import { type ActionAttempt, type ActionResult, refused } from '#engine/consumer-actions/action-end.ts'

/**
 * Sets the positions that the plan shows, after looking again: the group must have no members, and stand where it stood at
 * the dry run (or already where it is to go, when an earlier attempt did not get to say so). Afterwards the positions are
 * read, and what they are is how it ended.
 *
 * @throws Failure as the broker gives it, when nothing can have been done
 */
export async function carryOutReset({ broker, row, signal }: ActionAttempt): Promise<ActionResult> {
  const plan = resetPlanSchema.parse(row.plan)
  if (hashResetPlan(row.clusterId, plan) !== row.planHash)
    return refused('The plan is not what was agreed to any more.')
  const { offsets } = broker
  const reset = offsets?.reset
  if (offsets === undefined || reset === undefined) return refused(`Positions of ${row.clusterId} cannot be set.`)
  const wanted = plan.lanes.filter(({ from, to }) => from !== to)
  const readLanes = async () => byLane(await offsets.read(plan.group, plan.destination, signal))
  const activity = await reset.readActivity(plan.group, signal)
  const before = await readLanes()
  if (wanted.every((lane) => committedOf(before, lane) === lane.to)) return done(plan)
  const problem = findProblem(activity, wanted, before)
  if (problem !== null) return refused(problem)
  signal.throwIfAborted()
  const results = await set(reset, plan, wanted, signal)
  const after = await readLanes().catch((error: unknown) => toFailure(error))
  return judge(plan, wanted, results, after)
}

const byLane = (lanes: readonly LaneLag[]): ReadonlyMap<string, LaneLag> => new Map(lanes.map((one) => [one.lane, one]))
const committedOf = (lanes: ReadonlyMap<string, LaneLag>, { lane }: ResetLane) => lanes.get(lane)?.committed ?? null

/** Why it cannot be done any more as it was shown; null when it can. */
function findProblem(
  { isInactive, state, memberCount, refusedBecause }: GroupActivity,
  wanted: readonly ResetLane[],
  lanes: ReadonlyMap<string, LaneLag>,
): string | null {
  if (refusedBecause !== null) return `Refused: ${refusedBecause}.`
  if (!isInactive) {
    const who = memberCount === null ? 'members' : memberCount === 1 ? 'one member' : `${memberCount} members`
    return `Refused: the group is ${state} and has ${who}. Stop its consumers first; a broker takes positions of a group without members alone.`
  }
  const missing = wanted.find(({ lane }) => !lanes.has(lane))
  if (missing !== undefined) return `Refused: lane ${missing.lane} cannot be read any more.`
  const moved = wanted.filter((lane) => ![lane.from, lane.to].includes(committedOf(lanes, lane)))
  const [first] = moved
  if (first !== undefined) {
    const now = committedOf(lanes, first)
    return `Refused: the group has moved since the dry run (lane ${first.lane} was at ${first.from ?? 'no position'} and is at ${now ?? 'no position'}). Look at a new dry run.`
  }
  const gone = wanted.find(({ lane, to }) => to !== null && to < (lanes.get(lane)?.start ?? 0))
  return gone === undefined
    ? null
    : `Refused: retention has passed position ${gone.to} of lane ${gone.lane} since the dry run. Look at a new dry run.`
}

async function set(
  reset: OffsetResetFacet,
  { group, destination }: ResetPlan,
  wanted: readonly ResetLane[],
  signal: AbortSignal,
): Promise<readonly SetResult[]> {
  const positions = wanted.map(({ lane, to }) => ({ lane, to }))
  try {
    return await reset.set(group, destination, positions, signal)
  } catch (error) {
    // It may have been done or not: the positions that are read next tell.
    const failure = toFailure(error)
    return wanted.map(() => ({ outcome: 'failed', failure }))
  }
}

function judge(
  plan: ResetPlan,
  wanted: readonly ResetLane[],
  results: readonly SetResult[],
  after: ReadonlyMap<string, LaneLag> | Failure,
): ActionEnd {
  const failures = results.flatMap((result) => (result.outcome === 'failed' ? [result.failure] : []))
  const [failure] = failures
  if (after instanceof Failure) {
    if (failure === undefined)
      return { state: 'done', outcome: `${sentenceOf(plan)} The broker confirmed it; it could not be read again.` }
    return { state: 'unknown', outcome: `Whether it was done is not known: ${failure.message}; ${after.message}.` }
  }
  const missed = wanted.filter((lane) => committedOf(after, lane) !== lane.to)
  if (missed.length === 0) return done(plan)
  const because = failure?.message ?? 'the positions read afterwards are others: somebody else has set them'
  if (missed.length === wanted.length)
    return { state: failure?.code === 'conflict' ? 'refused' : 'failed', outcome: `Not done: ${because}.` }
  const lanes = missed.slice(0, 10).map(({ lane }) => lane)
  return {
    state: 'partly',
    outcome: `Not done on ${missed.length} of ${wanted.length} lanes (${lanes.join(', ')}): ${because}.`,
  }
}

const done = (plan: ResetPlan): ActionEnd => ({ state: 'done', outcome: sentenceOf(plan) })

function sentenceOf({ lanes }: ResetPlan): string {
  const count = lanes.filter(({ from, to }) => from !== to).length
  return `Done on ${count === 1 ? 'one lane' : `${count} lanes`}; read back and found there.`
}
