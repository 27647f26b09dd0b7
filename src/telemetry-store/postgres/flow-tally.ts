/** What a batch adds to one flow (or to the spans of a trace that carry no key). */
export interface FlowTally {
  firstUs: number
  lastUs: number
  spanCount: number
  errorCount: number
  sentCount: number
  processCount: number
  receiveCount: number
  deadLetterCount: number
  redrivenCount: number
  services: string[]
  destinations: string[]
  consumerGroups: string[]
}

/** More than a person reads in a row of the list; keeps a hub flow from growing its row for ever. */
export const MAX_NAMES = 32

const emptyTally = (): FlowTally => ({
  firstUs: Number.MAX_SAFE_INTEGER,
  lastUs: 0,
  spanCount: 0,
  errorCount: 0,
  sentCount: 0,
  processCount: 0,
  receiveCount: 0,
  deadLetterCount: 0,
  redrivenCount: 0,
  services: [],
  destinations: [],
  consumerGroups: [],
})

export function addName(names: string[], name: string): void {
  if (names.length < MAX_NAMES && !names.includes(name)) names.push(name)
}

export function addTally(to: FlowTally, from: FlowTally): void {
  if (from.firstUs < to.firstUs) to.firstUs = from.firstUs
  if (from.lastUs > to.lastUs) to.lastUs = from.lastUs
  to.spanCount += from.spanCount
  to.errorCount += from.errorCount
  to.sentCount += from.sentCount
  to.processCount += from.processCount
  to.receiveCount += from.receiveCount
  to.deadLetterCount += from.deadLetterCount
  to.redrivenCount += from.redrivenCount
  for (const service of from.services) addName(to.services, service)
  for (const destination of from.destinations) addName(to.destinations, destination)
  for (const group of from.consumerGroups) addName(to.consumerGroups, group)
}

export function sumOf(one: FlowTally, other: FlowTally): FlowTally {
  const sum = emptyTally()
  addTally(sum, one)
  addTally(sum, other)
  return sum
}

/** What the spans of one trace add, by the key that they carry themselves. */
export interface TraceTally {
  /** 32 hex digits. */
  readonly traceId: string
  readonly byKey: Map<string, FlowTally>
  withoutKey: FlowTally | null
}

export const tallyOf = (trace: TraceTally, key: string | null): FlowTally => {
  if (key === null) return (trace.withoutKey ??= emptyTally())
  const known = trace.byKey.get(key)
  if (known !== undefined) return known
  const made = emptyTally()
  trace.byKey.set(key, made)
  return made
}
