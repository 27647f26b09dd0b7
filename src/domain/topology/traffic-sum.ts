import type { ServiceEdge } from '#domain/topology/service-edge.ts'
import { type DurationSketch, quantileUs } from '#domain/trace/duration-sketch.ts'

/** Adds up what spans counted. Before the first addition nothing is known, which is not the same as nothing happened. */
export class TrafficSum {
  sentCount = 0
  receivedCount = 0
  errorCount = 0
  isKnown = false
  readonly #dwell: DurationSketch = new Map()
  readonly #processing: DurationSketch = new Map()

  add(edge: ServiceEdge): void {
    this.isKnown = true
    this.sentCount += edge.sentCount
    this.receivedCount += edge.receivedCount
    this.errorCount += edge.errorCount
    mergeSketch(this.#dwell, edge.dwell)
    mergeSketch(this.#processing, edge.processing)
  }

  perSecond(count: number, windowMs: number): number | null {
    return this.isKnown ? (count * 1000) / windowMs : null
  }

  get errorShare(): number | null {
    const count = this.sentCount + this.receivedCount
    // A batch counts as one failed span and as many messages: the share never exceeds the whole.
    return count === 0 ? null : Math.min(1, this.errorCount / count)
  }

  dwellMs(share: number): number | null {
    return toMs(quantileUs(this.#dwell, share))
  }

  processingMs(share: number): number | null {
    return toMs(quantileUs(this.#processing, share))
  }
}

const toMs = (durationUs: number | null): number | null => (durationUs === null ? null : durationUs / 1000)

function mergeSketch(into: DurationSketch, from: DurationSketch): void {
  for (const [bin, count] of from) into.set(bin, (into.get(bin) ?? 0) + count)
}
