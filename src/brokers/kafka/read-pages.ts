import { refuseAborted } from '#brokers/abortable.ts'
import type { MessagePage, PageBound } from '#brokers/broker.ts'
import { fetchSlices, type LaneCursor, type SliceReader } from '#brokers/kafka/fetch-slices.ts'
import { EARLIEST, listOffsets, READ_COMMITTED } from '#brokers/kafka/list-offsets.ts'
import type { BrokerMessage } from '#domain/message.ts'
import { Failure } from '#domain/failure.ts'

type Gap = MessagePage['gaps'][number]

export interface PageReading {
  readonly reader: SliceReader
  readonly cursors: readonly LaneCursor[]
  readonly bound: PageBound
  /** Known before the first fetch. */
  readonly gaps: readonly Gap[]
  /** Makes the checkpoint of a page from the next offset of each partition. */
  readonly checkpoint: (next: ReadonlyMap<number, bigint>) => string
}

/** Pages within their bound. The checkpoint of a page covers exactly what has been yielded, not what was fetched. */
export async function* readPages(reading: PageReading): AsyncGenerator<MessagePage> {
  const { reader, cursors, bound, checkpoint } = reading
  const yielded = new Map(cursors.map((cursor) => [cursor.partition, cursor.next]))
  let gaps: Gap[] = [...reading.gaps]
  let messages: BrokerMessage[] = []
  let bytes = 0
  const flush = (): MessagePage => {
    const page = { messages, checkpoint: checkpoint(yielded), gaps }
    messages = []
    gaps = []
    bytes = 0
    return page
  }
  for await (const slice of fetchSlices(reader, cursors)) {
    const { cursor } = slice
    if (slice.isOutOfRange) {
      const found = await firstOffset(reader, cursor.partition)
      if (found <= cursor.next) throw new Failure('broker-unavailable', `${lane(cursor)} was cut while it was read`)
      gaps.push({ lane: String(cursor.partition), expected: String(cursor.next), found: String(found) })
      cursor.next = found
      yielded.set(cursor.partition, found)
      continue
    }
    for (const message of slice.messages) {
      const size = sizeOf(message)
      if (messages.length > 0 && bytes + size > bound.maxBytes) yield flush()
      messages.push(message)
      bytes += size
      yielded.set(cursor.partition, BigInt(message.position.sequence) + 1n)
      if (messages.length < bound.maxMessages) continue
      yield flush()
      refuseAborted(reader.signal)
    }
    yielded.set(cursor.partition, slice.next)
  }
  if (messages.length > 0 || gaps.length > 0) yield flush()
}

const lane = (cursor: LaneCursor): string => `partition ${cursor.partition}`

function sizeOf(message: BrokerMessage): number {
  const headers = message.headers.reduce((sum, header) => sum + header.name.length + (header.value?.length ?? 0), 0)
  return (message.payload?.length ?? 0) + (message.key?.length ?? 0) + headers
}

async function firstOffset(reader: SliceReader, partition: number): Promise<bigint> {
  const { topic, nodes } = reader.located
  const one = { ...topic, partitions: topic.partitions.filter((view) => view.partition === partition) }
  const question = { topics: [one], nodes, timestamp: EARLIEST, isolation: READ_COMMITTED }
  const first = (await listOffsets(reader.client, question, reader.signal)).offsets.get(topic.name)?.get(partition)
  if (first === undefined) throw new Failure('broker-unavailable', `the start of ${topic.name}/${partition} is unknown`)
  return first
}
