import { refuseAborted } from '#brokers/abortable.ts'
import type { LaneRange, MessagePage, PageBound, ReplaySourceFacet } from '#brokers/broker.ts'
import { isStream } from '#brokers/rabbitmq/queue-book.ts'
import type { RabbitmqReach } from '#brokers/rabbitmq/rabbitmq-reach.ts'
import { findStreamEnd, findStreamOffset, readStream } from '#brokers/rabbitmq/stream-reads.ts'
import type { BrokerMessage } from '#domain/message.ts'
import type { Position } from '#domain/position.ts'

/**
 * A stream is read again by time. Of any other queue there is only what waits in it: what was acknowledged is gone, and
 * no message has a time, so a window takes everything that waits.
 */
export function rabbitmqReplaySource(reach: RabbitmqReach): ReplaySourceFacet {
  const { book, looks } = reach
  return {
    isDisturbing: true,
    async resolve(destination, fromMs, toMs, signal) {
      if (isStream(await book.describe(destination, signal))) {
        return [await resolveStream(reach, destination, fromMs, toMs, signal)]
      }
      return [{ lane: '', from: '0', to: String(await looks.count(destination, signal)) }]
    },
    async *read(destination, ranges, bound, signal) {
      const isOfStream = isStream(await book.describe(destination, signal))
      for (const { from, to } of ranges) {
        if (isOfStream) yield* readStreamPages(reach, destination, BigInt(from), BigInt(to), bound, signal)
        else yield* readWaiting(reach, destination, Number(to), bound, signal)
      }
    },
    async readAt(destination, positions, signal) {
      if (isStream(await book.describe(destination, signal))) return readStreamAt(reach, destination, positions, signal)
      const sequences = positions.map(({ sequence }) => sequence)
      const found = await looks.find(destination, sequences, signal)
      return [...found].map(([sequence, { delivery }]) => reach.toMessage(destination, sequence, delivery))
    },
  }
}

async function resolveStream(
  { reading }: RabbitmqReach,
  stream: string,
  fromMs: number,
  toMs: number,
  signal: AbortSignal,
): Promise<LaneRange> {
  const end = await findStreamEnd(reading, stream, signal)
  const from = (await findStreamOffset(reading, stream, fromMs, signal)) ?? end
  const to = toMs >= Date.now() ? end : ((await findStreamOffset(reading, stream, toMs, signal)) ?? end)
  return { lane: '', from: String(from), to: String(to > from ? to : from) }
}

/** @param to exclusive; null = the end as it is now */
export async function* readStreamPages(
  reach: RabbitmqReach,
  stream: string,
  from: bigint | null,
  to: bigint | null,
  bound: PageBound,
  signal: AbortSignal,
): AsyncGenerator<MessagePage> {
  const end = to ?? (await findStreamEnd(reach.reading, stream, signal))
  if (end <= (from ?? 0n)) return
  const page: BrokerMessage[] = []
  let bytes = 0
  for await (const { offset, delivery } of readStream(
    reach.reading,
    stream,
    from === null ? 'first' : Number(from),
    signal,
  )) {
    // A stream is read by parts, which may begin before the offset.
    if (offset < (from ?? 0n)) continue
    if (offset >= end) break
    page.push(reach.toMessage(stream, String(offset), delivery))
    bytes += delivery.body.length
    const isLast = offset === end - 1n
    if (page.length < bound.maxMessages && bytes < bound.maxBytes && !isLast) continue
    yield { messages: page.splice(0), checkpoint: String(offset + 1n), gaps: [] }
    refuseAborted(signal)
    bytes = 0
    if (isLast) return
  }
  if (page.length > 0) yield { messages: page, checkpoint: String(end), gaps: [] }
}

async function* readWaiting(
  { looks, toMessage }: RabbitmqReach,
  queue: string,
  count: number,
  bound: PageBound,
  signal: AbortSignal,
): AsyncGenerator<MessagePage> {
  const { messages } = await looks.lookAtAll(queue, signal)
  for (let at = 0; at < Math.min(count, messages.length); at += bound.maxMessages) {
    refuseAborted(signal)
    const part = messages.slice(at, Math.min(at + bound.maxMessages, count))
    yield {
      messages: part.map(({ sequence, delivery }) => toMessage(queue, sequence, delivery)),
      checkpoint: String(at + part.length),
      gaps: [],
    }
  }
  refuseAborted(signal)
}

const NEAR = 1_000n

/** Neighbours are read in one go. */
async function readStreamAt(
  reach: RabbitmqReach,
  stream: string,
  positions: readonly Position[],
  signal: AbortSignal,
): Promise<readonly BrokerMessage[]> {
  const offsets = positions
    .filter(({ sequence }) => /^\d+$/.test(sequence))
    .map(({ sequence }) => BigInt(sequence))
    .toSorted((one, other) => (one < other ? -1 : 1))
  const found: BrokerMessage[] = []
  for (let at = 0; at < offsets.length;) {
    const from = offsets[at] ?? 0n
    const wanted = new Set<bigint>()
    for (let last = from; at < offsets.length && (offsets[at] ?? 0n) - last <= NEAR; at += 1) {
      last = offsets[at] ?? 0n
      wanted.add(last)
    }
    for await (const { offset, delivery } of readStream(reach.reading, stream, Number(from), signal)) {
      if (wanted.delete(offset)) found.push(reach.toMessage(stream, String(offset), delivery))
      if (wanted.size === 0) break
    }
  }
  return found
}
