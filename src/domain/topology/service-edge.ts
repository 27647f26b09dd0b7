import type { DurationSketch } from '#domain/trace/duration-sketch.ts'

/**
 * What one service did with one destination in a window of time: sums and sketches, so that edges can be merged. What it
 * received is told apart by who produced it.
 * Errors are counted over sending and receiving together.
 */
export interface ServiceEdge {
  readonly service: string
  /** Who produced what was received; null where that is not known, and of what was sent. */
  readonly fromService: string | null
  readonly destination: string
  /** As the spans of the receiver say; null for senders, and where the receiver did not say. */
  readonly consumerGroup: string | null
  readonly sentCount: number
  readonly receivedCount: number
  readonly errorCount: number
  /** From being sent to being received, of those messages whose both halves were seen. */
  readonly dwell: DurationSketch
  readonly processing: DurationSketch
}
