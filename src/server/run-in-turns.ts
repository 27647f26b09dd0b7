import { setImmediate } from 'node:timers/promises'

/** Milliseconds that such work keeps the process before others have their turn. */
const TURN_MS = 40

/**
 * Runs work that pauses between its parts so that other requests are answered meanwhile: a flow of a hundred thousand
 * spans takes the process for seconds, and everybody's pages come out of the same one.
 */
export async function runInTurns<Result>(parts: Generator<void, Result>): Promise<Result> {
  let turnEndsMs = performance.now() + TURN_MS
  for (;;) {
    const part = parts.next()
    if (part.done === true) return part.value
    if (performance.now() < turnEndsMs) continue
    await setImmediate()
    turnEndsMs = performance.now() + TURN_MS
  }
}
