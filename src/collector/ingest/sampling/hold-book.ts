import { isInShare } from '#domain/sampling/is-in-share.ts'
import type { CorrelationRules } from '#domain/trace/correlation-rule.ts'
import type { SpanSink } from '#otlp/span-sink.ts'
import { addFollowed, type FlowScout, MAX_FOLLOWED, type UnitFacts } from '#telemetry-store/postgres/flow-scout.ts'
import type { KnownUnit } from '#telemetry-store/postgres/sampling-rows.ts'
import { RecentMap } from '#telemetry-store/postgres/recent-map.ts'

export type Verdict = 'kept' | 'dropped' | 'held'

export interface SamplingRule {
  /** Of flows that nothing speaks for; 1 = everything is kept. */
  readonly share: number
  /** A flow that takes this long is kept. */
  readonly slowUs: number
  /** How long a flow may wait for something that speaks for it. */
  readonly waitMs: number
  /** Of memory for requests with undecided flows. Beyond, the oldest are decided early. */
  readonly maxHeldBytes: number
}

/** Spans of a unit that wait within a request, by destination. */
export type HeldSpans = ReadonlyMap<string, number>

export interface HeldRequest {
  readonly id: string
  /** Compressed. */
  readonly body: Buffer
  /** Of memory, the notes about its units included. */
  readonly byteCount: number
  readonly isJson: boolean
  /** Leaves out spans that were stored before it came. */
  readonly filter: (sink: SpanSink) => SpanSink
  /** Those in force when it came in: its units are named by them. */
  readonly rules: CorrelationRules
  readonly receivedMs: number
  /** Units whose spans in this request wait. */
  readonly pending: Map<string, HeldSpans>
  /** Nothing of a request is decided before it is durable. */
  isCommitted: boolean
}

interface HeldUnit {
  readonly sinceMs: number
  firstUs: number
  lastUs: number
  readonly requests: Set<HeldRequest>
}

const MAX_DEPTH = 4
const NOBODY: readonly string[] = []

/** The undecided flows of this process, and what became of those that were decided lately. Knows no clock and no store. */
export class HoldBook {
  readonly #rule: SamplingRule
  readonly #units = new Map<string, HeldUnit>()
  readonly #requests = new Map<string, HeldRequest>()
  /** By trace id. */
  readonly #followed = new RecentMap<string[]>()
  readonly #kept = new RecentMap<true>()
  /** Kept for a reason of their own, which holds for what they follow as well. */
  readonly #notable = new RecentMap<true>()
  readonly #dropped = new RecentMap<{ readonly firstUs: number | null }>()
  #heldBytes = 0

  constructor(rule: SamplingRule) {
    this.#rule = rule
  }

  get heldBytes(): number {
    return this.#heldBytes
  }

  get heldUnitCount(): number {
    return this.#units.size
  }

  /** Notes which traces share whose fate. */
  follow(scout: FlowScout): void {
    for (const [traceId, units] of scout.followed) {
      const followed = this.#followed.find(traceId)
      if (followed !== undefined) for (const unit of units) addFollowed(followed, unit)
      this.#followed.set(traceId, followed ?? units)
    }
  }

  /** The units whose fate a unit shares; a unit of its own key follows nobody. */
  #followedBy(unit: string): readonly string[] {
    return (unit.startsWith('t') ? this.#followed.find(unit.slice(1)) : undefined) ?? NOBODY
  }

  /** Undecided units of a request and what they follow, of which the database may know something. What was dropped may
   * have been kept since, by another collector or an operation: it is asked again. */
  unknownUnits(scout: FlowScout): readonly string[] {
    const names = new Set<string>()
    for (const unit of scout.units.keys()) {
      if (this.#evaluate(unit, 0) === 'kept') continue
      names.add(unit)
      for (const followed of this.#followedBy(unit)) names.add(followed)
    }
    return [...names].filter((name) => !this.#units.has(name))
  }

  learn(known: readonly KnownUnit[]): void {
    for (const { unit, isKept, isDropped, firstUs } of known) {
      if (isKept) this.#kept.set(unit, true)
      else if (isDropped) this.#dropped.set(unit, { firstUs })
    }
  }

  /** Units that are kept whatever comes: operations of ours. */
  keep(units: readonly string[]): void {
    for (const unit of units) {
      this.#notable.set(unit, true)
      for (const followed of this.#followedBy(unit)) this.#notable.set(followed, true)
    }
  }

  /** Takes note of a request and says what becomes of the spans of each of its units. */
  judge(scout: FlowScout): ReadonlyMap<string, Verdict> {
    for (const facts of scout.units.values()) {
      if (facts.isNotable || this.#isLateAndSlow(facts)) this.keep([facts.unit])
      // What was noted of the trace before its keys were known holds for them too.
      else if (this.#notable.find(facts.unit) !== undefined) this.keep([facts.unit])
    }
    return new Map([...scout.units.keys()].map((unit) => [unit, this.#evaluate(unit, 0)]))
  }

  #isLateAndSlow(facts: UnitFacts): boolean {
    const firstUs = this.#dropped.find(facts.unit)?.firstUs ?? null
    return firstUs !== null && facts.lastUs - firstUs >= this.#rule.slowUs
  }

  #evaluate(unit: string, depth: number): Verdict {
    if (this.#rule.share >= 1 || this.#kept.find(unit) !== undefined || this.#notable.find(unit) !== undefined)
      return 'kept'
    if (unit.startsWith('k')) {
      if (isInShare(unit.slice(1), this.#rule.share)) return 'kept'
    } else if (depth < MAX_DEPTH) {
      const followed = this.#followedBy(unit)
      // Machinery that many flows use.
      if (followed.length > MAX_FOLLOWED) return 'kept'
      for (const other of followed) if (this.#evaluate(other, depth + 1) === 'kept') return 'kept'
    }
    return this.#dropped.find(unit) === undefined ? 'held' : 'dropped'
  }

  /** Holds the undecided spans of a request. */
  hold(request: HeldRequest, scout: FlowScout): void {
    this.#requests.set(request.id, request)
    this.#heldBytes += request.byteCount
    for (const name of request.pending.keys()) {
      const facts = scout.units.get(name)
      if (facts === undefined) continue
      const unit = this.#units.get(name)
      if (unit === undefined) {
        const { firstUs, lastUs } = facts
        this.#units.set(name, { sinceMs: request.receivedMs, firstUs, lastUs, requests: new Set([request]) })
      } else {
        unit.firstUs = Math.min(unit.firstUs, facts.firstUs)
        unit.lastUs = Math.max(unit.lastUs, facts.lastUs)
        unit.requests.add(request)
      }
    }
  }

  has(requestId: string): boolean {
    return this.#requests.has(requestId)
  }

  /** Forgets a request that could not be stored, or that belongs to somebody else by now. */
  forget(request: HeldRequest): void {
    for (const unit of request.pending.keys()) this.#leave(unit, request)
    request.pending.clear()
    this.#removeIfDone(request)
  }

  /** Units that have waited long enough, the oldest first; also younger ones while more is held than may be. */
  findDue(nowMs: number): readonly string[] {
    const due: string[] = []
    let excess = this.#heldBytes - this.#rule.maxHeldBytes
    const early = new Set<HeldRequest>()
    for (const request of this.#requests.values()) {
      if (excess <= 0) break
      early.add(request)
      excess -= request.byteCount
    }
    for (const [name, unit] of this.#units) {
      const isEarly = [...unit.requests].some((request) => early.has(request))
      if (isEarly || nowMs - unit.sinceMs >= this.#rule.waitMs) due.push(name)
    }
    return due
  }

  /** Decides units that are due: what nothing speaks for is dropped, unless it follows something that still waits. */
  decide(due: readonly string[], nowMs: number): void {
    const keys = due.filter((name) => name.startsWith('k'))
    for (const name of [...keys, ...due.filter((one) => one.startsWith('t'))]) {
      const unit = this.#units.get(name)
      if (unit === undefined || this.#evaluate(name, 0) !== 'held') continue
      const followed = this.#followedBy(name)
      const waitsForOthers = followed.some((other) => this.#units.has(other) && this.#evaluate(other, 0) === 'held')
      if (waitsForOthers && nowMs - unit.sinceMs < 2 * this.#rule.waitMs && this.#heldBytes <= this.#rule.maxHeldBytes)
        continue
      const isInOwnShare = followed.length === 0 && isInShare(name.slice(1), this.#rule.share)
      if (isInOwnShare || this.#durationUs(name, unit) >= this.#rule.slowUs) this.keep([name])
      else this.#dropped.set(name, { firstUs: unit.firstUs })
    }
  }

  /** From the first to the last of what is held of a unit and of the traces that follow it alone. */
  #durationUs(name: string, unit: HeldUnit): number {
    let { firstUs, lastUs } = unit
    if (name.startsWith('k'))
      for (const request of unit.requests)
        for (const other of request.pending.keys()) {
          const followed = this.#followedBy(other)
          const held = followed.length === 1 && followed[0] === name ? this.#units.get(other) : undefined
          if (held === undefined) continue
          firstUs = Math.min(firstUs, held.firstUs)
          lastUs = Math.max(lastUs, held.lastUs)
        }
    return lastUs - firstUs
  }

  /** Requests with spans whose fate is known by now, and which of their units are kept and which dropped. */
  findSettled(): readonly Settlement[] {
    const settled: Settlement[] = []
    for (const request of this.#requests.values()) {
      if (!request.isCommitted) continue
      const kept = new Set<string>()
      const dropped = new Set<string>()
      for (const unit of request.pending.keys()) {
        const verdict = this.#evaluate(unit, 0)
        if (verdict === 'kept') kept.add(unit)
        else if (verdict === 'dropped') dropped.add(unit)
      }
      if (kept.size + dropped.size > 0) settled.push({ request, kept, dropped })
    }
    return settled
  }

  /** Takes what was settled, durably by now, out of the book. */
  close({ request, kept, dropped }: Settlement): void {
    for (const unit of [...kept, ...dropped]) {
      request.pending.delete(unit)
      this.#leave(unit, request)
    }
    for (const unit of kept) this.#kept.set(unit, true)
    this.#removeIfDone(request)
  }

  #leave(name: string, request: HeldRequest): void {
    const unit = this.#units.get(name)
    unit?.requests.delete(request)
    if (unit?.requests.size === 0) this.#units.delete(name)
  }

  #removeIfDone(request: HeldRequest): void {
    if (request.pending.size === 0 && this.#requests.delete(request.id)) this.#heldBytes -= request.byteCount
  }

  firstUsOf(name: string): number | null {
    return this.#units.get(name)?.firstUs ?? this.#dropped.find(name)?.firstUs ?? null
  }
}

export interface Settlement {
  readonly request: HeldRequest
  readonly kept: ReadonlySet<string>
  readonly dropped: ReadonlySet<string>
}
