import { z } from 'zod'
import { CONNECTOR_STATES, type Connector, type ConnectorOffset } from '#domain/connect/connector.ts'
import { Failure } from '#domain/failure.ts'
import type { Runtime } from '#server/runtime.ts'

const state = z.enum([...CONNECTOR_STATES, 'UNKNOWN'])

const listSchema = z.object({
  connectors: z.array(
    z.object({
      connect: z.string(),
      name: z.string(),
      type: z.enum(['sink', 'source', 'unknown']),
      className: z.string().nullable(),
      state,
      failure: z.string().nullable(),
      tasks: z.array(
        z.object({ id: z.number(), state, worker: z.string().nullable(), failure: z.string().nullable() }),
      ),
      group: z.string().nullable(),
    }),
  ),
  unreadable: z.array(z.object({ subject: z.string(), reason: z.string() })),
  leftOutCount: z.number(),
})

const offsetsSchema = z.object({
  offsets: z.array(
    z.object({
      partition: z.record(z.string(), z.unknown()),
      offset: z.record(z.string(), z.unknown()).nullable(),
    }),
  ),
  leftOutCount: z.number(),
})

export interface ConnectorReading {
  readonly connectors: readonly Connector[]
  readonly unreadable: readonly { readonly subject: string; readonly reason: string }[]
  readonly leftOutCount: number
}

type Asking = Pick<Runtime, 'askCollector'>

/** The connectors of a cluster as Kafka Connect says them now. @throws Failure of the collector */
export async function readConnectorList({ askCollector }: Asking, clusterId: string): Promise<ConnectorReading> {
  const answer = listSchema.safeParse(await askCollector({ kind: 'list-connectors', clusterId, question: {} }))
  if (!answer.success) throw unreadable()
  return answer.data
}

/** Where a connector stands. @throws Failure of the collector: `unsupported` before Connect 3.5 */
export async function readOffsetsOfConnector(
  { askCollector }: Asking,
  { clusterId, ...question }: { readonly clusterId: string; readonly connect: string; readonly connector: string },
): Promise<{ readonly offsets: readonly ConnectorOffset[]; readonly leftOutCount: number }> {
  const answer = offsetsSchema.safeParse(await askCollector({ kind: 'read-connector-offsets', clusterId, question }))
  if (!answer.success) throw unreadable()
  return answer.data
}

const unreadable = (): Failure => new Failure('internal', 'the collector gave an answer that cannot be read')
