import { Writer } from '@platformatic/kafka'

/** One record batch for one partition. */
export interface Produce {
  readonly acks: number
  readonly timeoutMs: number
  readonly topic: string
  readonly partition: number
  readonly batch: Buffer
}

/** From this version of the request on lengths are short and tagged fields end every structure (KIP-482). */
const FLEXIBLE_FROM = 9

/** The body of a Produce request, without a transaction, in any version that names the topic (3 to 12). */
export function writeProduce(version: number, { acks, timeoutMs, topic, partition, batch }: Produce): Writer {
  const isFlexible = version >= FLEXIBLE_FROM
  const ofTopic = (writer: Writer): void => {
    writer.appendString(topic, isFlexible).appendArray([batch], ofPartition, isFlexible, isFlexible)
  }
  const ofPartition = (writer: Writer): void => {
    writer.appendInt32(partition)
    if (isFlexible) writer.appendUnsignedVarInt(batch.length + 1)
    else writer.appendInt32(batch.length)
    writer.append(batch)
  }
  const writer = Writer.create().appendString(null, isFlexible).appendInt16(acks).appendInt32(timeoutMs)
  writer.appendArray([topic], ofTopic, isFlexible, isFlexible)
  return isFlexible ? writer.appendTaggedFields() : writer
}
