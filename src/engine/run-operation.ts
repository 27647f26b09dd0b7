import { advanceOperation } from '#commands/operation/advance.ts'
import { countRemainder, settleClaimed } from '#db/store/operation-ledger-store.ts'
import { findCanaryEnd, tallyCanary } from '#db/store/operation-outcome-store.ts'
import { readOperation, type OperationRow } from '#db/store/operation-store.ts'
import { judgeCanary } from '#domain/operation/canary.ts'
import { decideStep } from '#domain/operation/next-step.ts'
import { canTransition, type OperationState } from '#domain/operation/operation-state.ts'
import { ENGINE_ACTOR } from '#engine/engine-context.ts'
import { findStartProblem } from '#engine/find-start-problem.ts'
import { openScope, type Hold } from '#engine/open-scope.ts'
import { pauseFor } from '#engine/pause-for.ts'
import { planOperation } from '#engine/plan-operation.ts'
import { removeLeftovers } from '#engine/remove-from-source.ts'
import { sendItems } from '#engine/send-items.ts'
import { supervise } from '#engine/supervise.ts'
import { yieldToTraffic } from '#engine/yield-to-traffic.ts'

const CANARY_LOOK_EVERY_MS = 300

/** Carries an operation on, step by step, until it rests, ends, or the hold does. */
export async function runOperation(hold: Hold): Promise<void> {
  for (;;) {
    const row = await readOperation(hold.context.client.database, hold.fence.operationId)
    if (row === null || row.fencingToken !== hold.fence.token) return
    if (hold.lost.aborted || hold.stopping.aborted) return
    const next = decideStep({ ...row, isCanarySettled: row.canarySettledAt !== null })
    switch (next.step) {
      case 'rest':
        return
      case 'plan':
        await planOperation(hold.context, row)
        break
      case 'move':
        await follow(hold, row, next.to)
        break
      case 'send-canary':
        await runCanary(hold, row)
        break
      case 'send-rest':
        await runRest(hold, row)
        break
      case 'wind-up':
        await windUp(hold, row)
        break
    }
  }
}

/** Follows a person's wish; what is to be sent for the first time is first held against what was agreed to. */
async function follow(hold: Hold, row: OperationRow, to: OperationState): Promise<void> {
  const isStart = row.state === 'queued' && to !== 'paused'
  const problem = isStart ? await findStartProblem(hold.context, row) : null
  if (problem !== null) return advance(hold, row, 'failed', { reason: `refused at its start: ${problem}` })
  await advance(hold, row, to, { reason: row.intentReason, onBehalfOf: row.intentByName })
}

/** Leaves an operation that cannot be carried on to a person: what was being planned fails, what was under way pauses. */
export async function giveUp(hold: Hold, reason: string): Promise<void> {
  const row = await readOperation(hold.context.client.database, hold.fence.operationId)
  if (row === null) return
  const to = row.state === 'planning' ? 'failed' : 'paused'
  if (canTransition(row.state, to)) await advance(hold, row, to, { reason })
}

interface Advance {
  readonly reason: string | null
  readonly onBehalfOf?: string | null
  readonly isCanarySettled?: boolean
}

async function advance(hold: Hold, row: OperationRow, to: OperationState, how: Advance): Promise<void> {
  const { database } = hold.context.client
  await advanceOperation(
    { database, actor: ENGINE_ACTOR },
    { operationId: row.id, from: row.state, to, fencingToken: hold.fence.token, ...how },
  )
}

async function runCanary(hold: Hold, row: OperationRow): Promise<void> {
  const { database } = hold.context.client
  const toOrdinal = await findCanaryEnd(database, row.id, row.canarySize)
  const tripped = await send(hold, row, toOrdinal)
  if (tripped !== null) return advance(hold, row, 'paused', { reason: tripped, isCanarySettled: true })
  while (!hold.lost.aborted && !hold.stopping.aborted) {
    const current = await readOperation(database, row.id)
    if (current?.intent !== 'run' || current.fencingToken !== hold.fence.token) return
    const judged = judgeCanary(await tallyCanary(database, row.id, toOrdinal))
    if (judged.verdict === 'go') return advance(hold, row, 'running', { reason: 'canary: good', isCanarySettled: true })
    if (judged.verdict === 'stop') {
      return advance(hold, row, 'paused', { reason: judged.reason, isCanarySettled: true })
    }
    await pauseFor(CANARY_LOOK_EVERY_MS, AbortSignal.any([hold.lost, hold.stopping]))
  }
}

async function runRest(hold: Hold, row: OperationRow): Promise<void> {
  const tripped = await send(hold, row, null)
  if (tripped !== null) return advance(hold, row, 'paused', { reason: tripped })
  const remainder = await countRemainder(hold.context.client.database, row.id)
  if (remainder.unsent > 0) return
  if (remainder.unremoved > 0) {
    const reason = `${remainder.unremoved} messages are sent and could not be removed at their source; resume to try again`
    return advance(hold, row, 'paused', { reason })
  }
  if (remainder.gaps > 0) return advance(hold, row, 'partial', { reason: describeGaps(row, remainder.gaps) })
  await advance(hold, row, 'completed', { reason: null })
}

function describeGaps({ itemCount, kind }: OperationRow, gaps: number): string {
  const whole = `${gaps} of ${itemCount} messages were gone at their source when their turn came`
  return `${whole}: they were not ${kind === 'discard' ? 'kept' : 'sent'}, and their rows below say so`
}

/** Cancelled: what may have been sent and is not proven is said to be so; nothing more is sent. */
async function windUp(hold: Hold, row: OperationRow): Promise<void> {
  const { context, fence } = hold
  await settleClaimed(context.client.database, fence, 'cancelled before the answer was known: a copy may have arrived')
  const remainder = await countRemainder(context.client.database, row.id)
  if (remainder.unremoved > 0) {
    const { scope } = await openScope(hold, row, await context.brokers.get(row.clusterId))
    await removeLeftovers(scope)
  }
  await advance(hold, row, 'cancelled', { reason: row.intentReason, onBehalfOf: row.intentByName })
}

/** @returns why the operation has to pause; null when all is sent, or a person wants something else now */
async function send(hold: Hold, row: OperationRow, toOrdinal: number | null): Promise<string | null> {
  const { scope, readTrip, close } = await openScope(hold, row, await hold.context.brokers.get(row.clusterId))
  const done = new AbortController()
  const ended = AbortSignal.any([done.signal, hold.stopping, hold.lost])
  const beside = [supervise(scope, ended), ...(row.kind === 'discard' ? [] : [yieldToTraffic(scope, ended)])]
  try {
    await removeLeftovers(scope)
    await sendItems(scope, toOrdinal)
    // Once more for what the source did not let go of in time: that is no reason to call a person.
    if (!scope.stop.aborted) await removeLeftovers(scope)
  } finally {
    done.abort()
    await Promise.all(beside)
    close()
  }
  return readTrip()
}
