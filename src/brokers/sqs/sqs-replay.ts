import { refuseAborted } from '#brokers/abortable.ts'
import type { ReplaySourceFacet } from '#brokers/broker.ts'
import { toBrokerMessage } from '#brokers/sqs/sqs-message.ts'
import type { SqsReach } from '#brokers/sqs/sqs-reach.ts'

/**
 * What was deleted is gone, so there is only what waits in the queue; every message has the time at which SQS took it.
 * The range holds the window: [fromMs, toMs).
 */
export function sqsReplaySource({ directory, looks, configuration }: SqsReach): ReplaySourceFacet {
  return {
    isDisturbing: true,
    async resolve(destination, fromMs, toMs, signal) {
      await directory.read(destination, signal)
      return [{ lane: '', from: String(fromMs), to: String(Math.min(toMs, Date.now() + CLOCKS_APART_MS)) }]
    },
    async *read(destination, ranges, bound, signal) {
      for (const { from, to } of ranges) {
        const { messages } = await looks.lookAtAll(destination, signal)
        const asked = messages.filter(({ message }) => {
          const sentMs = Number(message.Attributes?.SentTimestamp ?? 0)
          return sentMs >= Number(from) && sentMs < Number(to)
        })
        for (let at = 0; at < asked.length; at += bound.maxMessages) {
          refuseAborted(signal)
          const part = asked.slice(at, at + bound.maxMessages)
          yield {
            messages: part.map(({ message }) => toBrokerMessage(destination, message, configuration.keyAttribute)),
            checkpoint: String(at + part.length),
            gaps: [],
          }
        }
        refuseAborted(signal)
      }
    },
    async readAt(destination, positions, signal) {
      const sequences = positions.map(({ sequence }) => sequence)
      const found = await looks.find(destination, sequences, signal)
      return [...found.values()].map(({ message }) => toBrokerMessage(destination, message, configuration.keyAttribute))
    },
  }
}

/** SQS's clock may be ahead of ours: what has just been sent is within a window that ends now. */
const CLOCKS_APART_MS = 60_000
