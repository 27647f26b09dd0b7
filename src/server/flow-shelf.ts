import { type FlowOpening, openingOf } from '#domain/flow/flow-opening.ts'
import type { Flow, Hop, SpanRef } from '#domain/flow/flow.ts'
import type { FlowMember } from '#domain/flow/flow-members.ts'
import { shortenTexts } from '#server/shorten-texts.ts'

/** A flow as it was read, with what its windows and details are found by. */
export interface ShelvedFlow {
  readonly flow: Flow
  readonly version: string
  readonly members: readonly FlowMember[]
  readonly isWhole: boolean
  /** What the page opens with, its long names cut; made once, because pages ask for it every few seconds. */
  readonly opening: FlowOpening
  readonly rowIndex: ReadonlyMap<string, number>
  readonly hopById: ReadonlyMap<string, Hop>
  readonly hopsBySender: ReadonlyMap<string, readonly Hop[]>
  readonly hopsByReceiver: ReadonlyMap<string, readonly Hop[]>
  readonly readAtMs: number
  /** How long it took to read: what is dear to read is read less often. */
  readonly costMs: number
}

/** Rows that are held altogether; some hundred bytes each. */
const MAX_ROWS = 300_000
const MAX_FLOWS = 200

/** The flows that were looked at last, so that the windows of one page come from one reading. */
export class FlowShelf {
  readonly #flows = new Map<string, ShelvedFlow>()
  readonly #reading = new Map<string, Promise<ShelvedFlow>>()
  #rowCount = 0

  /** What was read under the key at or after the given moment; undefined when nothing was. */
  find(flowKey: string, sinceMs: number): ShelvedFlow | undefined {
    const found = this.#flows.get(flowKey)
    if (found === undefined || found.readAtMs < sinceMs) return undefined
    this.#flows.delete(flowKey)
    this.#flows.set(flowKey, found)
    return found
  }

  put(flowKey: string, shelved: ShelvedFlow): void {
    this.#drop(flowKey)
    this.#flows.set(flowKey, shelved)
    this.#rowCount += shelved.flow.rows.length
    for (const oldest of this.#flows.keys()) {
      if (oldest === flowKey || (this.#rowCount <= MAX_ROWS && this.#flows.size <= MAX_FLOWS)) return
      this.#drop(oldest)
    }
  }

  /** Several who want the same flow at the same time wait for one reading of it. */
  share(name: string, read: () => Promise<ShelvedFlow>): Promise<ShelvedFlow> {
    const running = this.#reading.get(name)
    if (running !== undefined) return running
    const started = read().finally(() => this.#reading.delete(name))
    this.#reading.set(name, started)
    return started
  }

  /** Whether what {@link share} was given under the name is still on its way. */
  isReading(name: string): boolean {
    return this.#reading.has(name)
  }

  #drop(flowKey: string): void {
    const dropped = this.#flows.get(flowKey)
    if (dropped === undefined) return
    this.#flows.delete(flowKey)
    this.#rowCount -= dropped.flow.rows.length
  }
}

type ReadFlow = Pick<ShelvedFlow, 'flow' | 'members' | 'isWhole' | 'readAtMs' | 'costMs'>

/** Prepares a flow for its page. Pauses between the parts, each of which goes over all rows or hops. */
export function* shelve(read: ReadFlow): Generator<void, ShelvedFlow> {
  const { flow, isWhole } = read
  const version = yield* versionOf(flow)
  const opening = shortenTexts(openingOf(flow, version, isWhole))
  yield
  const rowIndex = new Map(flow.rows.map((row, index) => [row.id, index]))
  yield
  const hopById = new Map(flow.hops.map((hop) => [hop.id, hop]))
  yield
  const hopsBySender = groupBy(flow.hops, ({ sender }) => sender)
  yield
  const hopsByReceiver = groupBy(flow.hops, ({ receiver }) => receiver)
  return { ...read, version, opening, rowIndex, hopById, hopsBySender, hopsByReceiver }
}

export const refKey = ({ traceId, spanId }: SpanRef): string => `${traceId}:${spanId}`

function groupBy(hops: readonly Hop[], read: (hop: Hop) => SpanRef | null): ReadonlyMap<string, readonly Hop[]> {
  const groups = new Map<string, Hop[]>()
  for (const hop of hops) {
    const ref = read(hop)
    if (ref === null) continue
    const known = groups.get(refKey(ref))
    if (known === undefined) groups.set(refKey(ref), [hop])
    else known.push(hop)
  }
  return groups
}

/** Between two pauses. */
const ROWS_AT_ONCE = 20_000

/** FNV-1a over what the rows show: the same text for the same picture. */
function* versionOf({ rows }: Flow): Generator<void, string> {
  let hash = 0x811c9dc5
  const add = (text: string): void => {
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  for (const [at, { id, startUs, durationUs, tone, note, isCritical }] of rows.entries()) {
    if (at % ROWS_AT_ONCE === 0) yield
    add(`${id}${startUs}+${durationUs}${tone}${isCritical ? '!' : ''}${note?.slice(0, 100) ?? ''}`)
  }
  return `${rows.length}-${(hash >>> 0).toString(36)}`
}
