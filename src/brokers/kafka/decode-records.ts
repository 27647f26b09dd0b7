import type { KafkaRecord, RecordsBatch } from '@platformatic/kafka'
import type { BrokerMessage, Header } from '#domain/message.ts'

const APPEND_TIME = 1 << 3
const TRANSACTIONAL = 1 << 4
const CONTROL = 1 << 5
const ABORT_MARKER = 0

export interface FetchedPartition {
  readonly records?: readonly RecordsBatch[] | null
  readonly abortedTransactions: readonly { readonly producerId: bigint; readonly firstOffset: bigint }[] | null
}

export interface DecodedSlice {
  readonly messages: readonly BrokerMessage[]
  /** Where the next fetch begins: after the last batch, also when all of it was markers or aborted. */
  readonly next: bigint
}

/**
 * The messages of [from, to) in a fetched slice. A fetch may begin before what was asked for and go beyond it, carries
 * transaction markers, and under read_committed the records of aborted transactions, which the client has to drop
 * (KIP-98).
 */
export function decodeRecords(
  destination: string,
  partition: number,
  fetched: FetchedPartition,
  from: bigint,
  to: bigint,
): DecodedSlice {
  const aborted = (fetched.abortedTransactions ?? []).toSorted((a, b) => Number(a.firstOffset - b.firstOffset))
  const open = new Set<bigint>()
  const messages: BrokerMessage[] = []
  let next = from
  let begun = 0
  for (const batch of fetched.records ?? []) {
    const last = batch.firstOffset + BigInt(batch.lastOffsetDelta)
    for (let head = aborted[begun]; head !== undefined && head.firstOffset <= last; head = aborted[++begun]) {
      open.add(head.producerId)
    }
    if (last >= next) next = last + 1n
    if ((batch.attributes & CONTROL) !== 0) {
      if (isAbortMarker(batch)) open.delete(batch.producerId)
      continue
    }
    if ((batch.attributes & TRANSACTIONAL) !== 0 && open.has(batch.producerId)) continue
    for (const record of batch.records) {
      const offset = batch.firstOffset + BigInt(record.offsetDelta)
      if (offset >= from && offset < to) messages.push(toMessage(destination, partition, batch, record, offset))
    }
  }
  return { messages, next: next > to ? to : next }
}

/** A marker's key is version and type, 16 bits each. */
function isAbortMarker(batch: RecordsBatch): boolean {
  const key = batch.records[0]?.key
  return key !== undefined && key !== null && key.length >= 4 && key.readInt16BE(2) === ABORT_MARKER
}

function toMessage(
  destination: string,
  partition: number,
  batch: RecordsBatch,
  record: KafkaRecord,
  offset: bigint,
): BrokerMessage {
  const isAppendTime = (batch.attributes & APPEND_TIME) !== 0
  const timestamp = isAppendTime ? batch.maxTimestamp : batch.firstTimestamp + record.timestampDelta
  return {
    destination,
    position: { lane: String(partition), sequence: String(offset) },
    key: record.key ?? null,
    headers: record.headers.map(toHeader),
    payload: record.value ?? null,
    timestampMs: timestamp < 0n ? null : Number(timestamp),
    timestampKind: timestamp < 0n ? 'unknown' : isAppendTime ? 'appended' : 'created',
    attempts: null,
    brokerFailure: null,
  }
}

const toHeader = ([name, value]: KafkaRecord['headers'][number]): Header => ({
  name: name?.toString('utf8') ?? '',
  value: value ?? null,
})
