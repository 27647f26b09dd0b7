import type { LocatedTopic } from '#brokers/kafka/cluster-view.ts'
import type { KafkaClient } from '#brokers/kafka/kafka-client.ts'
import { failureOfCode } from '#brokers/kafka/kafka-failure.ts'
import { EARLIEST, LATEST, listOffsets, type OffsetAnswers, READ_COMMITTED } from '#brokers/kafka/list-offsets.ts'
import { Failure } from '#domain/failure.ts'

export interface LaneEnds {
  readonly partition: number
  readonly start: bigint
  /** Before the first open transaction. */
  readonly end: bigint
}

/** First and next offset of every partition of a topic. @throws Failure when one cannot be known */
export async function readLaneEnds(
  client: KafkaClient,
  located: LocatedTopic,
  signal: AbortSignal,
): Promise<LaneEnds[]> {
  const [starts, ends] = await Promise.all([
    askOffsets(client, located, EARLIEST, signal),
    askOffsets(client, located, LATEST, signal),
  ])
  return located.topic.partitions.map(({ partition }) => ({
    partition,
    start: demandOffset(starts, located, partition),
    end: demandOffset(ends, located, partition),
  }))
}

export async function askOffsets(
  client: KafkaClient,
  { topic, nodes }: LocatedTopic,
  timestamp: bigint,
  signal: AbortSignal,
): Promise<OffsetAnswers> {
  return listOffsets(client, { topics: [topic], nodes, timestamp, isolation: READ_COMMITTED }, signal)
}

/** @throws Failure as the broker refused it, `broker-unavailable` when it was silent */
export function demandOffset(answers: OffsetAnswers, { topic }: LocatedTopic, partition: number): bigint {
  const offset = answers.offsets.get(topic.name)?.get(partition)
  if (offset !== undefined) return offset
  const code = answers.refused.get(topic.name)?.get(partition)
  if (code !== undefined) throw failureOfCode(code, `partition ${topic.name}/${partition}`)
  throw new Failure('broker-unavailable', answers.silent[0]?.reason ?? `${topic.name}/${partition}: no answer`)
}
