import type { Broker } from '#brokers/broker.ts'
import type { DatabaseClient } from '#db/client.ts'
import {
  claimAction,
  CONSUMER_ACTION_CHANNEL,
  type ConsumerActionRow,
  endAction,
  endStaleActions,
  noteBefore,
  releaseAction,
} from '#db/store/consumer-action-store.ts'
import { insertConsumerEvents } from '#db/store/lag-store.ts'
import { toFailure } from '#domain/failure.ts'
import { describeResetTarget, type ResetPlan } from '#domain/reset/reset-plan.ts'
import type { ActionResult } from '#engine/consumer-actions/action-end.ts'
import { carryOutConnectorAct, isWorthAnotherTry } from '#engine/consumer-actions/carry-out-connector-act.ts'
import { carryOutReset } from '#engine/consumer-actions/carry-out-reset.ts'
import { pauseFor } from '#engine/pause-for.ts'
import { wakeOnNotify } from '#engine/wake-on-notify.ts'
import type { Log } from '#log.ts'

/** Also without a notification the database is asked this often. */
const LOOK_EVERY_MS = 2_000
/** Longer than an attempt takes: whoever is cut short leaves it to another collector. */
const CLAIM_MS = 40_000
const ATTEMPT_MS = 25_000
const TRY_AGAIN_MS = 1_000
/** Tries again for so long where the broker is away. */
const PATIENCE_MS = 60_000
const MAX_AT_ONCE = 4

export interface ConsumerActionsOptions {
  readonly client: DatabaseClient
  readonly brokers: { get(clusterId: string): Promise<Broker> }
  readonly log: Log
}

/** Carries out what is asked of consumers in one step: resets of positions, and the verbs of connectors. */
export function startConsumerActions(options: ConsumerActionsOptions): { stop(): Promise<void> } {
  const stopping = new AbortController()
  let wake = new AbortController()
  const works = [
    wakeOnNotify(options.client.pool, CONSUMER_ACTION_CHANNEL, () => wake.abort(), options.log, stopping.signal),
    dispatch(options, stopping.signal, () => (wake = new AbortController()).signal),
  ]
  return {
    stop: async () => {
      stopping.abort()
      await Promise.all(works)
    },
  }
}

async function dispatch(
  options: ConsumerActionsOptions,
  stopping: AbortSignal,
  nextWake: () => AbortSignal,
): Promise<void> {
  const { client, log } = options
  const current = new Set<Promise<void>>()
  while (!stopping.aborted) {
    const woken = nextWake()
    try {
      await endStaleActions(client.database)
      while (current.size < MAX_AT_ONCE && !stopping.aborted) {
        const row = await claimAction(client.database, CLAIM_MS)
        if (row === null) break
        const work = attempt(options, row, stopping).finally(() => current.delete(work))
        current.add(work)
      }
    } catch (error) {
      log.warn({ err: error }, 'cannot look for what is asked of consumers; trying again')
    }
    await pauseFor(LOOK_EVERY_MS, AbortSignal.any([stopping, woken]))
  }
  await Promise.all(current)
}

/** One attempt, from claim to record. */
async function attempt(options: ConsumerActionsOptions, row: ConsumerActionRow, stopping: AbortSignal): Promise<void> {
  const { client, log } = options
  try {
    const result = await carryOut(options, row, stopping)
    if (result === 'try-again') return await releaseAction(client.database, row, TRY_AGAIN_MS)
    log.info({ actionId: row.id, kind: row.kind, subject: row.subject, ...result }, 'an act on consumers is over')
    if (await endAction(client.database, row, result)) await noteInHistory(client, row, result.state)
  } catch (error) {
    // The claim lapses, and it is looked at again.
    log.warn({ actionId: row.id, err: error }, 'how an act on consumers ended could not be recorded')
  }
}

async function carryOut(
  { client, brokers }: ConsumerActionsOptions,
  row: ConsumerActionRow,
  stopping: AbortSignal,
): Promise<ActionResult> {
  const limit = AbortSignal.any([stopping, AbortSignal.timeout(ATTEMPT_MS)])
  try {
    const broker = await brokers.get(row.clusterId)
    const note = (before: Readonly<Record<string, unknown>>) => noteBefore(client.database, row, before)
    const asked = { broker, row, signal: limit, noteBefore: note }
    return await (row.kind === 'control-connector' ? carryOutConnectorAct(asked) : carryOutReset(asked))
  } catch (error) {
    if (stopping.aborted) return 'try-again'
    const failure = toFailure(error)
    const waitedMs = Date.now() - (row.askedAt?.getTime() ?? 0)
    if (isWorthAnotherTry(failure) && waitedMs < PATIENCE_MS) return 'try-again'
    return { state: 'failed', outcome: `Given up: ${failure.message}.` }
  }
}

/** A reset stands in the history of its group, where the lag is drawn. */
async function noteInHistory(client: DatabaseClient, row: ConsumerActionRow, state: string): Promise<void> {
  if (row.kind === 'control-connector' || (state !== 'done' && state !== 'partly')) return
  const { target } = row.plan as ResetPlan
  const why = row.reason === null ? '' : `: ${row.reason}`
  const sentence = `Reset ${describeResetTarget(target)} by ${row.actorName}${why}.`
  await insertConsumerEvents(client.database, row.clusterId, [
    { group: row.subject, destination: row.destination, atMs: Date.now(), kind: 'reset', state: null, sentence },
  ])
}
