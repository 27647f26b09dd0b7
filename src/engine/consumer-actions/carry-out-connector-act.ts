import { z } from 'zod'
import type { ConnectorsFacet } from '#brokers/broker.ts'
import type { ActionEnd } from '#db/store/consumer-action-store.ts'
import { type Connector, CONNECTOR_VERBS, type ConnectorAct, judgeConnectorEffect } from '#domain/connect/connector.ts'
import { Failure, toFailure } from '#domain/failure.ts'
import { type ActionAttempt, type ActionResult, refused } from '#engine/consumer-actions/action-end.ts'
import { pauseFor } from '#engine/pause-for.ts'

/** How long is looked for the effect; Connect settles within seconds, and later when its workers rebalance. */
const LOOK_FOR_MS = 12_000
const LOOK_EVERY_MS = 300

const actSchema: z.ZodType<ConnectorAct> = z.object({
  connect: z.string(),
  connector: z.string(),
  verb: z.enum(CONNECTOR_VERBS),
  task: z.number().nullable(),
})

/**
 * Asks Kafka Connect, then looks until what was asked for is there. What takes longer is `unknown`, with what Connect says
 * at that moment.
 *
 * @throws Failure `broker-unavailable` when Connect cannot be reached or rebalances, before anything was done
 */
export async function carryOutConnectorAct({ broker, row, signal, noteBefore }: ActionAttempt): Promise<ActionResult> {
  const act = actSchema.parse(row.plan)
  const { connectors } = broker
  if (connectors === undefined) return refused(`${row.clusterId} is registered without Kafka Connect.`)
  const before = await connectors.readOne(act, signal)
  if (act.verb === 'reset-offsets') {
    if (before.state !== 'STOPPED') return refused('Refused: positions of a connector are reset while it is stopped.')
    const offsets = await connectors.readOffsets(act, signal)
    await noteBefore({ offsets })
  } else if (isSuperfluous(act, before)) {
    return { state: 'done', outcome: `It was so already: ${describe(before)}.` }
  }
  await connectors.act(act, signal)
  return act.verb === 'reset-offsets' ? judgeOffsets(connectors, act, signal) : judgeState(connectors, act, signal)
}

/** A wish for a state that is there already; a restart never is. */
const isSuperfluous = (act: ConnectorAct, connector: Connector): boolean =>
  (act.verb === 'pause' || act.verb === 'resume' || act.verb === 'stop') &&
  judgeConnectorEffect(act, connector) === 'seen'

async function judgeOffsets(connectors: ConnectorsFacet, act: ConnectorAct, signal: AbortSignal): Promise<ActionEnd> {
  try {
    const left = await connectors.readOffsets(act, signal)
    return left.length === 0
      ? { state: 'done', outcome: 'Its positions are forgotten; resumed, it begins anew.' }
      : { state: 'unknown', outcome: `Asked for, but ${left.length} positions are still there.` }
  } catch (error) {
    return { state: 'unknown', outcome: `Asked for; whether it is so cannot be seen: ${toFailure(error).message}.` }
  }
}

async function judgeState(connectors: ConnectorsFacet, act: ConnectorAct, signal: AbortSignal): Promise<ActionEnd> {
  for (const deadlineMs = performance.now() + LOOK_FOR_MS; ; await pauseFor(LOOK_EVERY_MS, signal)) {
    const now = await connectors.readOne(act, signal).catch((error: unknown) => toFailure(error))
    const isOver = performance.now() > deadlineMs || signal.aborted
    if (now instanceof Failure) {
      if (!isOver) continue
      return { state: 'unknown', outcome: `Asked for; whether it is so cannot be seen: ${now.message}.` }
    }
    const effect = judgeConnectorEffect(act, now)
    if (effect === 'seen') return { state: 'done', outcome: `Seen in effect: ${describe(now)}.` }
    if (effect === 'failed-again' && (isOver || !isMoving(now))) {
      return { state: 'failed', outcome: `Done as asked, and it failed again: ${describe(now)}.` }
    }
    if (isOver) return { state: 'unknown', outcome: `Asked for, and not seen in effect yet: ${describe(now)}.` }
  }
}

const isMoving = ({ state, tasks }: Connector): boolean =>
  [state, ...tasks.map((task) => task.state)].some((one) => one === 'RESTARTING' || one === 'UNASSIGNED')

/** `connector RUNNING, task 0 FAILED (because)` */
function describe({ state, failure, tasks }: Connector): string {
  const of = (what: string, now: string, why: string | null) => `${what} ${now}${why === null ? '' : ` (${why})`}`
  const shown = tasks.slice(0, 8).map((task) => of(`task ${task.id}`, task.state, task.failure))
  const more = tasks.length > shown.length ? [`${tasks.length - shown.length} more tasks`] : []
  return [of('connector', state, failure), ...shown, ...more].join(', ')
}

/** What was thrown before anything was done can be tried again where the failure says so. */
export const isWorthAnotherTry = (failure: Failure): boolean => failure.retryable && failure.code !== 'outcome-unknown'
