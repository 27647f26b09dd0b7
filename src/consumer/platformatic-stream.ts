import type { Pausable } from '#consumer/pausable.ts'

/** The part of @platformatic/kafka's `MessagesStream` that is used. */
export interface PlatformaticStreamLike {
  pause(): unknown
  resume(): unknown
  readonly consumer: { on(eventName: 'consumer:group:join', listener: () => void): unknown }
}

/** Fetches nothing more; what lies in the stream's buffer still comes. The consumer goes on with its heartbeats. */
export const platformaticStream = (stream: PlatformaticStreamLike): Pausable => ({
  pause: () => void stream.pause(),
  resume: () => void stream.resume(),
  onForgotten: (reassert) => void stream.consumer.on('consumer:group:join', reassert),
})
