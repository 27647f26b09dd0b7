import { EventEmitter } from 'node:events'
import type { Broker } from '#brokers/broker.ts'
import type { ApprovalSeal } from '#commands/operation/approval-seal.ts'
import type { DatabaseClient } from '#db/client.ts'
import { isDatabaseAway } from '#db/is-database-away.ts'
import { LEASE_TTL_MS } from '#db/store/lease-store.ts'
import { takeOver } from '#db/store/claim-store.ts'
import { listRunnable } from '#db/store/operation-ledger-store.ts'
import { OPERATION_CHANNEL } from '#db/store/operation-store.ts'
import { runUnderLease } from '#db/store/run-under-lease.ts'
import { toFailure } from '#domain/failure.ts'
import { OUTCOME_LIMITS, type OutcomeLimits } from '#domain/operation/outcome.ts'
import type { EngineContext, EngineTelemetry } from '#engine/engine-context.ts'
import { createFailpoint } from '#engine/failpoint.ts'
import { watchOutcomes } from '#engine/outcomes/watch-outcomes.ts'
import { pauseFor } from '#engine/pause-for.ts'
import { giveUp, runOperation } from '#engine/run-operation.ts'
import { wakeOnNotify } from '#engine/wake-on-notify.ts'
import { openExpressionRunner } from '#expression/open-expression-runner.ts'
import type { Log } from '#log.ts'

export interface OperationsOptions {
  readonly client: DatabaseClient
  readonly brokers: { get(clusterId: string): Promise<Broker> }
  readonly telemetry: EngineTelemetry
  readonly log: Log
  /** Names this process in leases; unique per start. */
  readonly holder: string
  /** `FAILPOINT` of the configuration; refused in production. */
  readonly failpoint?: { readonly text: string | undefined; readonly nodeEnvironment: string }
  readonly leaseTtlMs?: number
  /** Checks what a second person has approved; absent: whatever needs an approval is refused. */
  readonly approvalSeal?: ApprovalSeal
  readonly outcomeLimits?: OutcomeLimits
  readonly trafficLookMs?: number
}

/** Also without a notification the database is asked this often. */
const LOOK_EVERY_MS = 1_000
/** Groups commit every few seconds; looking more often than this sees nothing new. */
const TRAFFIC_LOOK_MS = 2_000
const MAX_AT_ONCE = 8
const RETRY_MS = 1_000
/** After so many failures in a row it is for a person to decide. */
const MAX_INTERRUPTIONS = 10

/**
 * Carries out operations: takes each under a lease with a fencing token, plans it, sends it, follows its outcomes. Any
 * number of collectors may run this at once.
 *
 * @throws Failure `invalid` for a failpoint that cannot be
 */
export function startOperations(options: OperationsOptions): { stop(): Promise<void> } {
  const expressions = openExpressionRunner()
  const context: EngineContext = {
    ...options,
    expressions,
    failpoint: createFailpoint(options.failpoint?.text, options.failpoint?.nodeEnvironment ?? 'production'),
    approvalSeal: options.approvalSeal ?? null,
    leaseTtlMs: options.leaseTtlMs ?? LEASE_TTL_MS,
    outcomeLimits: options.outcomeLimits ?? OUTCOME_LIMITS,
    trafficLookMs: options.trafficLookMs ?? TRAFFIC_LOOK_MS,
    wishes: new EventEmitter(),
  }
  const stopping = new AbortController()
  let wake = new AbortController()
  const heed = (operationId: string): void => {
    wake.abort()
    context.wishes.emit(operationId)
  }
  const works = [
    wakeOnNotify(options.client.pool, OPERATION_CHANNEL, heed, options.log, stopping.signal),
    watchOutcomes(context, stopping.signal),
    dispatch(context, stopping.signal, () => (wake = new AbortController()).signal),
  ]
  return {
    stop: async () => {
      stopping.abort()
      await Promise.all(works)
      await expressions.close()
    },
  }
}

/** Finds what there is to do and gives each operation a run of its own, as long as this process stands. */
async function dispatch(context: EngineContext, stopping: AbortSignal, nextWake: () => AbortSignal): Promise<void> {
  const current = new Map<string, Promise<void>>()
  // A lease that nobody renews any more is noticed in good time.
  const lookEveryMs = Math.min(LOOK_EVERY_MS, context.leaseTtlMs / 3)
  const interruptions = new Map<string, number>()
  while (!stopping.aborted) {
    const woken = nextWake()
    try {
      for (const { id } of await listRunnable(context.client.database, 100)) {
        if (current.size >= MAX_AT_ONCE) break
        if (!current.has(id)) {
          current.set(
            id,
            carryOut(context, id, stopping, interruptions).finally(() => current.delete(id)),
          )
        }
      }
    } catch (error) {
      context.log.warn({ reason: toFailure(error).message }, 'cannot look for operations; trying again')
    }
    await pauseFor(lookEveryMs, AbortSignal.any([stopping, woken]))
  }
  await Promise.all(current.values())
}

/** One hold, from lease to release. Whatever goes wrong is on record and tried again; the ledger knows where it was. */
async function carryOut(
  context: EngineContext,
  operationId: string,
  stopping: AbortSignal,
  interruptions: Map<string, number>,
): Promise<void> {
  const { client, holder, leaseTtlMs: ttlMs, log } = context
  let held: AbortSignal | undefined
  try {
    await runUnderLease(client.database, { name: `operation:${operationId}`, holder, ttlMs }, async (lease, lost) => {
      held = lost
      const hold = { context, fence: { operationId, token: lease.token }, lost, stopping }
      if ((await takeOver(client.database, hold.fence)) === null) return
      log.info({ operationId, token: lease.token }, 'carrying out an operation')
      if ((interruptions.get(operationId) ?? 0) < MAX_INTERRUPTIONS) await runOperation(hold)
      else await giveUp(hold, `interrupted ${MAX_INTERRUPTIONS} times in a row; the log of the collector says why`)
    })
    interruptions.delete(operationId)
  } catch (error) {
    log.error({ operationId, err: error }, 'an operation was interrupted; it will be taken up again')
    // A database that is away comes back, a lost lease is carried on elsewhere: neither needs a person.
    if (!isDatabaseAway(error) && held?.aborted !== true)
      interruptions.set(operationId, (interruptions.get(operationId) ?? 0) + 1)
    await pauseFor(RETRY_MS, stopping)
  }
}
