import type { Pausable } from '#consumer/pausable.ts'

/** The part of BullMQ's `Worker` that is used. */
export interface BullmqWorkerLike {
  pause(doNotWaitActive?: boolean): Promise<void>
  resume(): void | Promise<void>
}

/** Pauses this worker and not the queue: other workers, and who adds jobs, are not touched. */
export const bullmqWorker = (worker: BullmqWorkerLike): Pausable => ({
  pause: () => worker.pause(true),
  resume: () => worker.resume(),
})
