import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { requireCluster } from '#commands/dead-letter/insert-planned.ts'
import { reasonText } from '#commands/reason.ts'
import { findActionUnderWay, insertConsumerAction, notifyConsumerAction } from '#db/store/consumer-action-store.ts'
import { CONNECTOR_VERBS, type ConnectorAct } from '#domain/connect/connector.ts'
import { Failure } from '#domain/failure.ts'

const input = z
  .object({
    requestKey: z.uuid(),
    clusterId: z.string().min(1).max(100),
    /** One of the addresses that the cluster is registered with. */
    connect: z.string().min(1).max(500),
    connector: z.string().min(1).max(500),
    verb: z.enum(CONNECTOR_VERBS),
    task: z.number().int().min(0).max(100_000).nullable(),
    reason: reasonText,
  })
  .refine(({ verb, task }) => (verb === 'restart-task') === (task !== null), 'a task belongs to the restart of a task')

/**
 * Asks for a connector to be paused, resumed, stopped, restarted, or its positions to be forgotten. A collector does it and
 * looks whether it has taken effect. A request key that was used before gives the wish that it made.
 *
 * @throws Failure `conflict` while something else is asked of the connector
 */
export const controlConnector = defineCommand({
  name: 'consumer.control-connector',
  permission: 'consumer:control',
  input,
  run: async ({ database, actor }, { requestKey, clusterId, reason, ...plan }) => {
    await requireCluster(database, clusterId)
    const act: ConnectorAct = plan
    const kind = 'control-connector' as const
    const subject = act.connector
    const other = await findActionUnderWay(database, { clusterId, subject, kind })
    if (other !== null && other.requestKey !== requestKey) {
      throw new Failure('conflict', `something else is asked of ${subject}, by ${other.actorName}, and is under way`)
    }
    const { row, isNew } = await insertConsumerAction(database, randomUUID(), {
      requestKey,
      kind,
      clusterId,
      subject,
      plan: act,
      state: 'asked',
      reason,
      actorId: actor.id,
      actorName: actor.name,
    })
    if (!isNew && !(row.clusterId === clusterId && isDeepStrictEqual(row.plan, act))) {
      throw new Failure('conflict', 'this request key has been used for another wish')
    }
    if (isNew) await notifyConsumerAction(database)
    return {
      result: { id: row.id, state: row.state },
      target: `connector:${clusterId}:${subject}`,
      details: { isAlreadyAsked: !isNew },
    }
  },
})
