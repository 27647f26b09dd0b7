/**
 * What a consumer has to be able to do to be paused. Both calls keep its place: nothing is acknowledged that was not
 * finished, and a group of Kafka is not left. Both may be called again while they are in force.
 */
export interface Pausable {
  /** Takes nothing more; what was taken is finished. */
  pause(): void | Promise<void>
  resume(): void | Promise<void>
  /** Messages that were taken and are not finished; absent when it does not count them. */
  readonly inFlight?: () => number
  /** Calls back whenever a pause may have been forgotten: after a rebalance, a new connection. */
  readonly onForgotten?: (reassert: () => void) => void
}
