import { performance } from 'node:perf_hooks'
import { listPolledLags, recordYield } from '#db/store/yield-store.ts'
import { toFailure } from '#domain/failure.ts'
import { judgeDeliveries, type DeliveryWindow } from '#domain/operation/breaker.ts'
import { adaptRate, beginYielding, type LagReading } from '#domain/operation/yield-rate.ts'
import { pauseFor } from '#engine/pause-for.ts'
import type { SendScope } from '#engine/send-scope.ts'

const READ_LIMIT_MS = 4_000
/** The groups and targets that are looked at; an operation to more of them is judged by the largest. */
const MAX_TARGETS = 5
const MAX_GROUPS = 10
/** Spans are summed up by ten seconds: a shorter window would be empty half of the time. */
const DELIVERIES_MS = 30_000
const BEFORE_MS = 10 * 60_000

/**
 * Beside the sending, until `done`: lowers the rate while a group that reads a target falls behind or the destination
 * turns messages away, raises it again up to the cap, and stops the operation where that does not help or where
 * deliveries begin to fail. A look that fails changes nothing.
 */
export async function yieldToTraffic(scope: SendScope, done: AbortSignal): Promise<void> {
  const { context, operation, fence, pacer } = scope
  const targets = (operation.plan?.targets ?? []).slice(0, MAX_TARGETS)
  const end = AbortSignal.any([done, scope.stop])
  const judgeTargets = createDeliveryJudge(
    scope,
    targets.map((target) => target.destination),
  )
  let state = beginYielding(pacer.ratePerSecond)
  let lookedAtMs = performance.now()
  let told: string | null = operation.yieldReason
  while (!end.aborted) {
    try {
      const lags = await readLags(scope, targets, end)
      const pushback = findPushback(scope, lookedAtMs)
      lookedAtMs = performance.now()
      const decision = adaptRate(state, { capPerSecond: operation.ratePerSecond, lags, pushback })
      const isChanged = decision.state.ratePerSecond !== pacer.ratePerSecond || decision.reason !== told
      state = decision.state
      pacer.changeRate(state.ratePerSecond)
      if (isChanged) {
        const { ratePerSecond } = state
        told = decision.reason
        await recordYield(context.client.database, fence, told === null ? null : { ratePerSecond, reason: told })
      }
      const reason = decision.trip ?? (await judgeTargets())
      if (reason !== null && !end.aborted) return scope.trip(reason)
    } catch (error) {
      context.log.info({ operationId: operation.id, reason: toFailure(error).message }, 'live traffic is not known')
    }
    await pauseFor(context.trafficLookMs, end)
  }
}

type Target = NonNullable<SendScope['operation']['plan']>['targets'][number]

/** Of the groups that the plan has named: from the broker itself where it tells positions, else as last polled. */
async function readLags(
  { broker, context, operation }: SendScope,
  targets: readonly Target[],
  end: AbortSignal,
): Promise<readonly LagReading[]> {
  if (targets.length === 0) return []
  const { offsets } = broker
  if (offsets === undefined) {
    const names = targets.map((target) => target.destination)
    return listPolledLags(context.client.database, operation.clusterId, names, MAX_GROUPS)
  }
  const signal = AbortSignal.any([end, AbortSignal.timeout(READ_LIMIT_MS)])
  const named = targets.flatMap(({ destination, failedGroups, otherReaders }) =>
    [...failedGroups, ...otherReaders].map(({ group }) => ({ group, destination })),
  )
  const readings = await Promise.all(
    named.slice(0, MAX_GROUPS).map(async ({ group, destination }) => {
      const lanes = await offsets.read(group, destination, signal)
      const known = lanes.filter((lane) => lane.committed !== null)
      const lagMessages = known.reduce((sum, lane) => sum + Math.max(0, lane.end - (lane.committed ?? lane.end)), 0)
      return known.length === 0 ? [] : [{ group, destination, lagMessages }]
    }),
  )
  return readings.flat()
}

/** Whether a destination said "not so fast" since then. One that is away is waited for, not yielded to. */
function findPushback({ tries }: SendScope, sinceMs: number): string | null {
  return tries.findLast((one) => one.atMs > sinceMs && one.isThrottled)?.pushback ?? null
}

/** Says why to stop by how deliveries on the targets end, against the time before this began to send. */
function createDeliveryJudge(scope: SendScope, destinations: readonly string[]): () => Promise<string | null> {
  const { telemetry } = scope.context
  const beganMs = Date.now()
  const before = new Map<string, DeliveryWindow>()
  const read = async (destination: string, fromMs: number, toMs: number): Promise<DeliveryWindow> => {
    const stepSeconds = Math.ceil((toMs - fromMs) / 1_000)
    const query = { fromUs: fromMs * 1_000, toUs: toMs * 1_000, stepSeconds, destination, isMerged: false }
    const buckets = (await telemetry.readDestinationSeries?.(query)) ?? []
    return {
      receivedCount: buckets.reduce((sum, bucket) => sum + bucket.receivedCount, 0),
      errorCount: buckets.reduce((sum, bucket) => sum + bucket.errorCount, 0),
    }
  }
  return async () => {
    if (telemetry.readDestinationSeries === undefined) return null
    for (const destination of destinations) {
      const known = before.get(destination) ?? (await read(destination, beganMs - BEFORE_MS, beganMs))
      before.set(destination, known)
      const nowMs = Date.now()
      // What happened before this began says nothing about it.
      const fromMs = Math.max(beganMs, nowMs - DELIVERIES_MS)
      const now = nowMs > fromMs ? await read(destination, fromMs, nowMs) : { receivedCount: 0, errorCount: 0 }
      const reason = judgeDeliveries(destination, now, known)
      if (reason !== null) return reason
    }
    return null
  }
}
