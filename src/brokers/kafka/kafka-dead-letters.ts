import { z } from 'zod'
import type { DeadLetterFacet } from '#brokers/broker.ts'
import type { TopicDirectory } from '#brokers/kafka/cluster-view.ts'
import type { LaneCursor } from '#brokers/kafka/fetch-slices.ts'
import { type DeadLetterSearch, findDeadLetters } from '#brokers/kafka/find-dead-letters.ts'
import { type LaneEnds, readLaneEnds } from '#brokers/kafka/lane-ends.ts'
import { readPages } from '#brokers/kafka/read-pages.ts'
import { Failure } from '#domain/failure.ts'

const checkpointSchema = z.object({ topicId: z.string(), next: z.record(z.string(), z.string().regex(/^\d+$/)) })
type Checkpoint = z.output<typeof checkpointSchema>

/** Looking is free: fetches without a group. There is no `remove`, because a log only forgets by age. */
export function createKafkaDeadLetters(search: DeadLetterSearch, topics: TopicDirectory): DeadLetterFacet {
  const { client } = search
  return {
    costOfLooking: null,
    find: (signal) => findDeadLetters(search, signal),
    async *read(destination, checkpoint, bound, signal) {
      const located = await topics.find(destination, signal)
      const before = checkpoint === null ? null : parseCheckpoint(checkpoint)
      const ends = await readLaneEnds(client, located, signal)
      const starts = ends.map((lane) => startOf(lane, before, located.topic.id))
      yield* readPages({
        reader: { client, topics, located, maxBytes: bound.maxBytes, signal },
        cursors: starts.map((start) => start.cursor),
        bound,
        gaps: starts.flatMap((start) => start.gap),
        checkpoint: (next) =>
          JSON.stringify({
            topicId: located.topic.id,
            next: Object.fromEntries([...next].map(([partition, offset]) => [partition, String(offset)])),
          } satisfies Checkpoint),
      })
    },
    findGone: async (destination, positions, signal) => {
      const located = await topics.find(destination, signal)
      const lanes = new Map((await readLaneEnds(client, located, signal)).map((lane) => [String(lane.partition), lane]))
      return positions.filter(({ lane, sequence }) => {
        const kept = lanes.get(lane)
        return kept === undefined || BigInt(sequence) < kept.start || BigInt(sequence) >= kept.end
      })
    },
  }
}

/** @throws Failure `invalid` */
function parseCheckpoint(text: string): Checkpoint {
  try {
    return checkpointSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new Failure('invalid', 'the checkpoint is not one of a Kafka dead-letter topic', { cause })
  }
}

/**
 * Goes on at the checkpoint. Where the log begins later (retention), ends earlier (an unclean election) or is another
 * one (the topic was made anew), it goes on at its first record and reports the gap.
 */
function startOf(
  lane: LaneEnds,
  before: Checkpoint | null,
  topicId: string,
): { cursor: LaneCursor; gap: { lane: string; expected: string; found: string }[] } {
  const name = String(lane.partition)
  const expected = before?.next[name]
  const cursor = { partition: lane.partition, next: lane.start, end: lane.end }
  if (expected === undefined) return { cursor, gap: [] }
  const wanted = BigInt(expected)
  const isReadable = before?.topicId === topicId && wanted >= lane.start && wanted <= lane.end
  if (isReadable) return { cursor: { ...cursor, next: wanted }, gap: [] }
  return { cursor, gap: [{ lane: name, expected, found: String(lane.start) }] }
}
