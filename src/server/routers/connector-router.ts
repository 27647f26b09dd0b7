import { z } from 'zod'
import { controlConnector } from '#commands/consumer/control-connector.ts'
import { listConsumerActions } from '#db/store/consumer-action-store.ts'
import { procedure, router } from '#server/procedure.ts'
import { readConnectorList, readOffsetsOfConnector } from '#server/read-connectors.ts'
import { commandContext } from '#server/request-context.ts'

const cluster = z.string().min(1).max(100)
const name = z.string().min(1).max(500)

export const connectorRouter = router({
  /** As Kafka Connect says it at this moment. */
  list: procedure('telemetry:read')
    .input(z.object({ clusterId: cluster }))
    .query(({ ctx, input }) => readConnectorList(ctx.runtime, input.clusterId)),

  offsets: procedure('telemetry:read')
    .input(z.object({ clusterId: cluster, connect: name, connector: name }))
    .query(({ ctx, input }) => readOffsetsOfConnector(ctx.runtime, input)),

  /** What was asked of a connector, newest first. */
  acts: procedure('telemetry:read')
    .input(z.object({ clusterId: cluster, connector: name }))
    .query(({ ctx, input }) =>
      listConsumerActions(ctx.runtime.database, {
        clusterId: input.clusterId,
        subject: input.connector,
        kinds: ['control-connector'],
      }),
    ),

  act: procedure(controlConnector.permission)
    .input(controlConnector.input)
    .mutation(({ ctx, input }) => controlConnector(commandContext(ctx), input)),
})
