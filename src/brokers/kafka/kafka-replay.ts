import type { LaneRange, ReplaySourceFacet } from '#brokers/broker.ts'
import type { LocatedTopic, TopicDirectory } from '#brokers/kafka/cluster-view.ts'
import { fetchSlices, type LaneCursor, type SliceReader, TopicMadeAnew } from '#brokers/kafka/fetch-slices.ts'
import type { KafkaClient } from '#brokers/kafka/kafka-client.ts'
import { askOffsets, demandOffset, type LaneEnds, readLaneEnds } from '#brokers/kafka/lane-ends.ts'
import { readPages } from '#brokers/kafka/read-pages.ts'
import type { BrokerMessage } from '#domain/message.ts'
import { Failure } from '#domain/failure.ts'
import type { Position } from '#domain/position.ts'

const UNKNOWN = -1n
/** Positions this close are fetched together: reading a few records too many is cheaper than another request. */
const NEAR = 200n
/** Of a record: what is asked for in one answer is about as much as the wanted ones take. */
const LIKELY_BYTES = 2_000

export function createReplaySource(client: KafkaClient, topics: TopicDirectory): ReplaySourceFacet {
  return {
    async resolve(destination, fromMs, toMs, signal) {
      const located = await topics.find(destination, signal)
      const [ends, from, to] = await Promise.all([
        readLaneEnds(client, located, signal),
        askOffsets(client, located, BigInt(Math.max(0, Math.floor(fromMs))), signal),
        askOffsets(client, located, BigInt(Math.max(0, Math.floor(toMs))), signal),
      ])
      const find = (answer: bigint, lane: LaneEnds, ms: number): Promise<bigint> | bigint =>
        answer === UNKNOWN ? findByReading({ client, topics, located, lane, ms, signal }) : clamp(answer, lane)
      return Promise.all(
        ends.map(async (lane) => {
          const first = await find(demandOffset(from, located, lane.partition), lane, fromMs)
          const last = await find(demandOffset(to, located, lane.partition), lane, toMs)
          return { lane: String(lane.partition), from: String(first), to: String(last < first ? first : last) }
        }),
      )
    },
    async *read(destination, ranges, bound, signal) {
      const located = await topics.find(destination, signal)
      const cursors = ranges.map((range) => toCursor(located, range))
      yield* readPages({
        reader: { client, topics, located, maxBytes: bound.maxBytes, signal },
        cursors,
        bound,
        gaps: [],
        checkpoint: (next) =>
          JSON.stringify(ranges.map((range) => ({ ...range, from: String(next.get(Number(range.lane))) }))),
      })
    },
    async readAt(destination, positions, signal) {
      const read = async () => {
        const located = await topics.find(destination, signal)
        return readAtPositions({ client, topics, located, signal }, positions)
      }
      try {
        return await read()
      } catch (error) {
        // Remembered from before it was made anew: what lies there now is what was asked for.
        if (!(error instanceof TopicMadeAnew)) throw error
        return read()
      }
    },
  }
}

async function readAtPositions(
  reader: Omit<SliceReader, 'maxBytes'>,
  positions: readonly Position[],
): Promise<readonly BrokerMessage[]> {
  const wanted = new Set(positions.map((position) => `${position.lane}@${position.sequence}`))
  const lanes = await readLaneEnds(reader.client, reader.located, reader.signal)
  const ends = new Map(lanes.map((lane) => [lane.partition, lane]))
  const found: BrokerMessage[] = []
  for (const cursors of toRounds(positions, ends)) {
    const offsets = cursors.reduce((sum, cursor) => sum + Number(cursor.end - cursor.next), 0)
    for await (const slice of fetchSlices({ ...reader, maxBytes: offsets * LIKELY_BYTES }, cursors)) {
      if (slice.isOutOfRange) slice.cursor.next = slice.cursor.end
      for (const message of slice.messages) {
        if (wanted.has(`${message.position.lane}@${message.position.sequence}`)) found.push(message)
      }
    }
  }
  return found
}

const clamp = (offset: bigint, lane: LaneEnds): bigint =>
  offset < lane.start ? lane.start : offset > lane.end ? lane.end : offset

/** @throws Failure `invalid` for a lane or an offset that is no number or not there */
function toCursor(located: LocatedTopic, range: LaneRange): LaneCursor {
  const partition = Number(range.lane)
  const isThere = located.topic.partitions.some((one) => one.partition === partition)
  if (!isThere || !/^\d+$/.test(range.from) || !/^\d+$/.test(range.to)) {
    throw new Failure('invalid', `${located.topic.name} has no range ${range.lane}@${range.from}..${range.to}`)
  }
  return { partition, next: BigInt(range.from), end: BigInt(range.to) }
}

/**
 * Cursors that cover the positions, one per partition and round. Positions below the start or at the end and beyond
 * are gone or not there yet, and left out.
 */
function toRounds(positions: readonly Position[], ends: ReadonlyMap<number, LaneEnds>): LaneCursor[][] {
  const rounds: LaneCursor[][] = []
  for (const [lane, all] of Map.groupBy(positions, (position) => position.lane)) {
    const bounds = ends.get(Number(lane))
    const offsets = all
      .flatMap(({ sequence }) => (/^\d+$/.test(sequence) ? [BigInt(sequence)] : []))
      .filter((offset) => bounds !== undefined && offset >= bounds.start && offset < bounds.end)
      .toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    let round = 0
    for (let index = 0; index < offsets.length; round++) {
      const from = offsets[index] ?? 0n
      let last = from
      for (let next = offsets[++index]; next !== undefined && next - last <= NEAR; next = offsets[++index]) last = next
      ;(rounds[round] ??= []).push({ partition: Number(lane), next: from, end: last + 1n })
    }
  }
  return rounds
}

interface TimeSearch {
  readonly client: KafkaClient
  readonly topics: TopicDirectory
  readonly located: LocatedTopic
  readonly lane: LaneEnds
  readonly ms: number
  readonly signal: AbortSignal
}

/**
 * The broker says -1 for a time past its end, and wrongly so after records were deleted. The newest record tells which;
 * if it is not older than the time, the place is found by bisection over the records themselves.
 */
async function findByReading(search: TimeSearch): Promise<bigint> {
  const { lane, ms } = search
  if (lane.start >= lane.end) return lane.end
  const newest = await timeAt(search, lane.end - 1n)
  if (newest === null || newest < ms) return lane.end
  let [low, high] = [lane.start, lane.end - 1n]
  while (low < high) {
    const middle = (low + high) / 2n
    const time = await timeAt(search, middle)
    if (time === null || time >= ms) high = middle
    else low = middle + 1n
  }
  return low
}

/** Time of the first record at the offset or after it; null when there is none (markers, compaction). */
async function timeAt({ client, topics, located, lane, signal }: TimeSearch, offset: bigint): Promise<number | null> {
  const cursor = { partition: lane.partition, next: offset, end: lane.end }
  for await (const slice of fetchSlices({ client, topics, located, maxBytes: 1, signal }, [cursor])) {
    if (slice.isOutOfRange) return null
    const [first] = slice.messages
    if (first !== undefined) return first.timestampMs
  }
  return null
}
