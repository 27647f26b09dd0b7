import type { ManagementApi, QueueFacts } from '#brokers/rabbitmq/management-api.ts'

const KEPT_MS = 30_000
const MAX_KEPT = 10_000

export interface QueueBook {
  /** What a queue is; asked again after half a minute. @throws Failure `not-found` */
  describe(queue: string, signal: AbortSignal): Promise<QueueFacts>
  forget(queue: string): void
}

export function createQueueBook(management: ManagementApi): QueueBook {
  const kept = new Map<string, { readonly facts: QueueFacts; readonly untilMs: number }>()
  return {
    async describe(queue, signal) {
      const known = kept.get(queue)
      if (known !== undefined && performance.now() < known.untilMs) return known.facts
      const facts = await management.readQueue(queue, signal)
      if (kept.size >= MAX_KEPT) kept.clear()
      kept.set(queue, { facts, untilMs: performance.now() + KEPT_MS })
      return facts
    },
    forget: (queue) => void kept.delete(queue),
  }
}

export const isStream = ({ type }: QueueFacts): boolean => type === 'stream'
