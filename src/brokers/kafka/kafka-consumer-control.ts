import { ClientQuotaEntityTypes, ClientQuotaKeys, ClientQuotaMatchTypes } from '@platformatic/kafka'
import { z } from 'zod'
import type { ConnectorsFacet, ConsumerControlFacet, ConsumerHold } from '#brokers/broker.ts'
import { connectHold } from '#brokers/kafka/connect-hold.ts'
import type { KafkaClient } from '#brokers/kafka/kafka-client.ts'
import { failureOfCode } from '#brokers/kafka/kafka-failure.ts'
import { Failure } from '#domain/failure.ts'

/** What is left to a slowed-down client, per broker. A quota of nothing does not exist. */
const TRICKLE_BYTES_PER_SECOND = 1_024
const MAX_CLIENT_IDS = 100

/** What the quota of each client id was; null = it had none of its own. */
const quotasBefore = z.object({
  quotas: z.array(z.object({ clientId: z.string(), bytesPerSecond: z.number().nullable() })).max(MAX_CLIENT_IDS),
})

/** Kafka knows no pause: consumers can be asked, and a quota on their client ids slows them down. */
export const kafkaConsumerControl = (
  client: KafkaClient,
  connectors: ConnectorsFacet | null,
): ConsumerControlFacet => ({
  kind: 'cooperative',
  explanation: 'Kafka knows no pause: consumers are asked over the control channel, or slowed down by a quota.',
  holds: [...(connectors === null ? [] : [connectHold(connectors)]), quotaThrottle(client)],
})

function quotaThrottle(client: KafkaClient): ConsumerHold {
  const readQuota = (clientId: string, signal: AbortSignal) => readByteRate(client, clientId, signal)
  const writeQuota = (clientId: string, bytesPerSecond: number | null, signal: AbortSignal) =>
    writeByteRate(client, clientId, bytesPerSecond, signal)
  return {
    kind: 'throttle',
    explanation: `A quota of 1 kB/s on each broker for the client ids of the group: a trickle still comes through, and everybody else who reads under these client ids is slowed down too.`,
    async read({ group, clientIds }, signal) {
      const names = [...new Set(clientIds)].filter((clientId) => clientId !== '')
      if (names.length === 0)
        throw new Failure('unsupported', `no member of ${group} has a client id that a quota could name`)
      if (names.length > MAX_CLIENT_IDS)
        throw new Failure('limit', `${group} has more than ${MAX_CLIENT_IDS} client ids`)
      const quotas = []
      for (const clientId of names) quotas.push({ clientId, bytesPerSecond: await readQuota(clientId, signal) })
      return { quotas }
    },
    async apply(before, signal) {
      for (const { clientId } of quotasBefore.parse(before).quotas) {
        await writeQuota(clientId, TRICKLE_BYTES_PER_SECOND, signal)
      }
    },
    async restore(before, signal) {
      for (const { clientId, bytesPerSecond } of quotasBefore.parse(before).quotas) {
        // Another value was set by somebody else meanwhile, and is theirs to keep.
        if ((await readQuota(clientId, signal)) !== TRICKLE_BYTES_PER_SECOND) continue
        await writeQuota(clientId, bytesPerSecond, signal)
      }
    },
  }
}

async function readByteRate(client: KafkaClient, clientId: string, signal: AbortSignal): Promise<number | null> {
  const entity = {
    entityType: ClientQuotaEntityTypes.CLIENT_ID,
    matchType: ClientQuotaMatchTypes.EXACT,
    match: clientId,
  }
  const answer = await client.look(null, 'DescribeClientQuotas', [[entity], true], signal)
  if (answer.errorCode !== 0) throw failureOfCode(answer.errorCode, `the quota of ${clientId}`, answer.errorMessage)
  const values = answer.entries?.flatMap((entry) => entry.values) ?? []
  return values.find(({ key }) => key === ClientQuotaKeys.CONSUMER_BYTE_RATE)?.value ?? null
}

async function writeByteRate(
  client: KafkaClient,
  clientId: string,
  bytesPerSecond: number | null,
  signal: AbortSignal,
): Promise<void> {
  const key = ClientQuotaKeys.CONSUMER_BYTE_RATE
  const op =
    bytesPerSecond === null ? { key, remove: true as const } : { key, value: bytesPerSecond, remove: false as const }
  const entities = [{ entityType: ClientQuotaEntityTypes.CLIENT_ID, entityName: clientId }]
  const connection = await client.connect(null, signal)
  const answer = await client.request(connection, 'AlterClientQuotas', [[{ entities, ops: [op] }], false])
  const refused = answer.entries.find(({ errorCode }) => errorCode !== 0)
  if (refused !== undefined) throw failureOfCode(refused.errorCode, `the quota of ${clientId}`, refused.errorMessage)
}
