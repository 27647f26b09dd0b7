/** What is known of a group that reads a target. */
export interface ReaderPace {
  readonly lagMessages: number | null
  /** How fast its lag shrinks, in messages/s; negative when it grows. null = not known yet. */
  readonly drainPerSecond: number | null
}

/** What arrives in addition: `count` messages at `ratePerSecond`. */
export interface AddedTraffic {
  readonly count: number
  readonly ratePerSecond: number
}

/** What the copies do to the lag of a group, in words; never more than is known. */
export function describeLagEffect({ lagMessages, drainPerSecond }: ReaderPace, added: AddedTraffic): string {
  const count = format(added.count)
  if (lagMessages === null) return `its lag is not known; ${count} come on top`
  if (drainPerSecond === null) return `grows by up to ${count}; how fast it drains is not known`
  const spare = Math.max(0, drainPerSecond)
  if (spare >= added.ratePerSecond) return 'keeps shrinking: it drains faster than the copies come'
  const growth = Math.ceil(added.count * (1 - spare / added.ratePerSecond))
  // A group that keeps up has a lag that swings around nothing: that is no growth.
  if (drainPerSecond < 0 && lagMessages > 0) return `is growing already; up to ${count} come on top`
  return `grows by up to ${format(growth)} if it works no faster than now`
}

const format = (figure: number): string => figure.toLocaleString('en-GB')
