import { z } from 'zod'
import type { ConnectorsFacet, ConsumerHold } from '#brokers/broker.ts'
import { Failure } from '#domain/failure.ts'

/** Which connector it is, and whether somebody had paused or stopped it before. */
const connectorBefore = z.object({ connect: z.string(), connector: z.string(), wasRunning: z.boolean() })

/** A sink connector is paused where it runs: it keeps its tasks and its place, also over a restart of its workers. */
export const connectHold = (connectors: ConnectorsFacet): ConsumerHold => ({
  kind: 'connect',
  explanation:
    'Kafka Connect pauses the connector: its tasks stay and keep their place, also over a restart of its workers.',
  async read({ group }, signal) {
    const { connectors: known, unreadable } = await connectors.read(signal)
    const found = known.find((connector) => connector.group === group)
    if (found === undefined) {
      const because = unreadable[0] === undefined ? '' : ` (${unreadable[0].subject}: ${unreadable[0].reason})`
      throw new Failure('unsupported', `no connector reads as ${group}${because}`)
    }
    const wasRunning = found.state !== 'PAUSED' && found.state !== 'STOPPED'
    return { connect: found.connect, connector: found.name, wasRunning }
  },
  async apply(before, signal) {
    const { wasRunning, ...place } = connectorBefore.parse(before)
    if (wasRunning) await connectors.act({ ...place, verb: 'pause', task: null }, signal)
  },
  async restore(before, signal) {
    const { wasRunning, ...place } = connectorBefore.parse(before)
    if (!wasRunning) return
    // Stopped by somebody meanwhile: that is theirs to end.
    const { state } = await connectors.readOne(place, signal)
    if (state === 'PAUSED') await connectors.act({ ...place, verb: 'resume', task: null }, signal)
  },
})
