import type pg from 'pg'
import { printCount } from '#domain/lag/print-lag.ts'
import { selectFlowSpans } from '#domain/trace/select-flow-spans.ts'
import { senderAncestors } from '#domain/trace/sender-ancestors.ts'
import type { SpanRecord } from '#domain/trace/span.ts'
import { findContinuations } from '#telemetry-store/postgres/find-continuations.ts'
import { findReceivers, type FoundReceiver } from '#telemetry-store/postgres/find-receivers.ts'
import { countDropped } from '#telemetry-store/postgres/read-sampling.ts'
import { noFlowSpans } from '#telemetry-store/no-flow-spans.ts'
import { isTraceId, MAX_KEYS, resolveFlowKey } from '#telemetry-store/postgres/resolve-flow-key.ts'
import {
  FLOW_SPAN_COLUMNS,
  MOST_LINKS_READ,
  readVersions,
  type SpanRow,
  toSpanRecord,
} from '#telemetry-store/postgres/span-record.ts'
import { type FlowName, MAX_NAMED_TRACES } from '#domain/flow/flow-name.ts'
import { findSilentPolls } from '#telemetry-store/postgres/find-silent-polls.ts'
import { readMessagesNamed, readNamesOfTraces } from '#telemetry-store/postgres/record-ids.ts'
import type { FlowSpans, SpanBridge } from '#telemetry-store/telemetry-store.ts'

/** Bounds of one read: a hub id, or a flow that feeds on itself, must not read the whole store. */
const MAX_TRACES = 200
/** Traces of an id among which the first are looked for. */
const MAX_MEMBERS = 5_000
const MAX_HOPS = 12
/** A trace is read whole (its tree decides what belongs), but not without end: this many times what is shown. */
const READ_PER_SHOWN = 1.2
/** Of these the hops are known; what is left out is work in between. */
const ONLY_HOPS = 'and (operation is not null or parent_span_id is null or status = 2)'

/** A trace to read: whole when it belongs to no other flow, else from its entries (spans that took a message of ours). */
interface WantedTrace {
  isMember: boolean
  /** By span id, with the record keys of the messages of ours that it took. */
  readonly entries: Map<string, Set<string>>
}

interface MemberRow {
  readonly trace_id: string
  /** Of all traces that were looked at; `is_cut` when there may be more. */
  readonly trace_count: number
  readonly is_cut: boolean
  readonly is_shared: boolean
}

/** Reads the spans of a flow: its traces, and outwards over the links of those who took its messages. */
export async function readFlowSpans(
  pool: pg.Pool,
  id: string,
  cap: number,
  wanted: 'all' | 'hops' = 'all',
): Promise<FlowSpans> {
  const resolved = await resolveFlowKey(pool, id)
  if (resolved === null) return noFlowSpans(id)
  const { flowKey, isHub } = resolved
  const reading = new FlowReading(pool, flowKey, Math.ceil(cap * READ_PER_SHOWN), wanted)
  const [droppedCount] = await Promise.all([countDropped(pool, flowKey), reading.run()])
  if (isHub) reading.caps.add(`${id} is on ${MAX_KEYS} flows or more: one of them is shown`)
  if (droppedCount > 0)
    reading.caps.add(`${printCount(droppedCount)} spans of the flow were dropped by sampling before it was kept`)
  const spans = [...reading.spans.values()].toSorted(
    (left, right) => left.startUs - right.startUs || (left.spanId < right.spanId ? -1 : 1),
  )
  if (spans.length > cap) reading.caps.add(`only the first ${printCount(cap)} spans are shown`)
  return {
    flowKey,
    spans: spans.slice(0, cap),
    omittedSpanCount: reading.unreadSpanCount + Math.max(0, spans.length - cap),
    otherTraceSpanCount: reading.otherTraceSpanCount,
    caps: [...reading.caps],
    partialTraceIds: [...reading.partialTraceIds],
    bridges: reading.bridges,
    names: [...reading.names.values()],
    silentPolls: await findSilentPolls(pool, spans),
  }
}

/** Spans stored under exactly this key; 0 when nobody has it. */
export async function countFlowSpans(pool: pg.Pool, flowKey: string): Promise<number> {
  const found = await pool.query<{ count: string | null }>({
    name: 'telemetry-flow-span-count',
    text: 'select sum(span_count) as count from flow where flow_key = $1',
    values: [flowKey],
  })
  return Number(found.rows[0]?.count ?? 0)
}

class FlowReading {
  readonly spans = new Map<string, SpanRecord>()
  readonly caps = new Set<string>()
  readonly partialTraceIds = new Set<string>()
  readonly bridges: SpanBridge[] = []
  /** By id. */
  readonly names = new Map<string, FlowName>()
  unreadSpanCount = 0
  readonly #pool: pg.Pool
  readonly #flowKey: string
  readonly #maxSpans: number
  readonly #isHopsOnly: boolean
  readonly #namesAsked = new Set<string>()
  readonly #traces = new Map<string, readonly SpanRecord[]>()
  readonly #wanted = new Map<string, WantedTrace>()
  #readCount = 0
  /** As the list of flows counts them; asked for a hub only. */
  #storedSpanCount = 0

  constructor(pool: pg.Pool, flowKey: string, maxSpans: number, wanted: 'all' | 'hops') {
    this.#pool = pool
    this.#flowKey = flowKey
    this.#maxSpans = maxSpans
    this.#isHopsOnly = wanted === 'hops'
  }

  async run(): Promise<void> {
    let pending = await this.#findMembers()
    for (let hop = 0; pending.length > 0; hop += 1) {
      if (hop === MAX_HOPS) {
        this.caps.add(`stopped after ${MAX_HOPS} hops over trace borders`)
        return
      }
      await this.#readTraces(pending.filter((traceId) => !this.#traces.has(traceId)))
      const fresh = pending.flatMap((traceId) => this.#choose(traceId))
      pending = [
        ...new Set([
          ...(await this.#findReceivers(fresh)),
          ...(await this.#findContinuations(fresh)),
          ...(await this.#findNamesakes(fresh)),
        ]),
      ]
    }
  }

  async #findMembers(): Promise<readonly string[]> {
    const { rows } = await this.#pool.query<MemberRow>({
      name: 'telemetry-flow-members',
      text: `with known as materialized (
               select trace_id, first_us from flow_member where flow_key = $1 limit ${MAX_MEMBERS}),
             members as materialized (select trace_id, min(first_us) as first_us from known group by trace_id)
             select replace(trace_id::text, '-', '') as trace_id, (select count(*)::int from members) as trace_count,
               (select count(*) from known) = ${MAX_MEMBERS} as is_cut, exists (
                 select from flow_member o where o.trace_id = earliest.trace_id and not o.is_fallback and o.flow_key <> $1) as is_shared
             from (select * from members order by first_us, trace_id limit ${MAX_TRACES}) earliest
             order by first_us, trace_id`,
      values: [this.#flowKey],
    })
    const [first] = rows
    if (first !== undefined && first.trace_count > MAX_TRACES) await this.#sayHub(first)
    for (const row of rows) this.#wanted.set(row.trace_id, { isMember: !row.is_shared, entries: new Map() })
    return rows.map((row) => row.trace_id)
  }

  /** One id on very many traces names a tenant or a job rather than an event. */
  async #sayHub({ trace_count: traceCount, is_cut: isCut }: MemberRow): Promise<void> {
    this.#storedSpanCount = await countFlowSpans(this.#pool, this.#flowKey)
    this.caps.add(
      isCut
        ? `the id is on ${printCount(traceCount)} traces or more: it names more than one flow; ${MAX_TRACES} of them are read`
        : `the id is on ${printCount(traceCount)} traces; the first ${MAX_TRACES} are read`,
    )
  }

  /** Spans of traces that were not read because the id is on too many. */
  get otherTraceSpanCount(): number {
    return Math.max(0, this.#storedSpanCount - this.spans.size - this.unreadSpanCount)
  }

  async #readTraces(traceIds: readonly string[]): Promise<void> {
    if (traceIds.length === 0) return
    const room = this.#maxSpans - this.#readCount
    const found = await this.#pool.query<SpanRow & { readonly link_bytes: number }>({
      name: this.#isHopsOnly ? 'telemetry-read-trace-hops' : 'telemetry-read-traces',
      text: `select ${FLOW_SPAN_COLUMNS} from span where trace_id = any($1::uuid[]) ${this.#isHopsOnly ? ONLY_HOPS : ''}
             order by start_us limit $2`,
      values: [traceIds, room + 1],
    })
    if (found.rows.length > room) {
      this.caps.add(`the traces of the flow have more than ${printCount(this.#maxSpans)} spans; the first are read`)
      this.unreadSpanCount += await this.#countUnread(traceIds, room)
    }
    const rows = found.rows.slice(0, Math.max(0, room))
    this.#readCount += rows.length
    if (rows.some((row) => row.links === null && row.link_bytes > 0))
      this.caps.add(`the spans have more than ${printCount(MOST_LINKS_READ)} links; the first are followed`)
    const versions = await readVersions(this.#pool, [...new Set(rows.map((row) => row.origin_id))])
    const byTrace = new Map<string, Map<string, SpanRecord>>(traceIds.map((traceId) => [traceId, new Map()]))
    // A span that was sent again in another batch has two rows; the first is as good as the second.
    for (const row of rows) {
      const trace = byTrace.get(row.trace_id)
      if (trace !== undefined && !trace.has(row.span_id)) trace.set(row.span_id, toSpanRecord(row, versions))
    }
    for (const [traceId, spans] of byTrace) this.#traces.set(traceId, [...spans.values()])
  }

  async #countUnread(traceIds: readonly string[], readCount: number): Promise<number> {
    const found = await this.#pool.query<{ count: string }>(
      'select count(*) from (select from span where trace_id = any($1::uuid[]) limit 1000000) counted',
      [traceIds],
    )
    return Math.max(0, Number(found.rows[0]?.count ?? 0) - readCount)
  }

  /** Takes the spans of a trace that belong and gives those that were not taken before and whose messages are ours. */
  #choose(traceId: string): readonly SpanRecord[] {
    const trace = this.#traces.get(traceId) ?? []
    const wanted = this.#wanted.get(traceId)
    const isWhole = wanted?.isMember === true
    const selected = isWhole ? null : selectFlowSpans(trace, this.#flowKey, wanted?.entries ?? new Map())
    if (selected !== null && selected.chosen.size < trace.length) this.partialTraceIds.add(traceId)
    const fresh: SpanRecord[] = []
    for (const span of trace) {
      const id = `${span.traceId}${span.spanId}`
      if (this.spans.has(id) || (selected !== null && !selected.chosen.has(span.spanId))) continue
      this.spans.set(id, span)
      if (selected === null || !selected.unclear.has(span.spanId)) fresh.push(span)
    }
    return fresh
  }

  /** Traces in which somebody took a message that one of these spans sent. */
  async #findReceivers(fresh: readonly SpanRecord[]): Promise<readonly string[]> {
    const reached = new Set<string>()
    for (const receiver of await findReceivers(this.#pool, fresh))
      if (this.#want(receiver)) reached.add(receiver.traceId)
    return [...reached]
  }

  /** Traces in which the flow goes on after its spans broke off. */
  async #findContinuations(fresh: readonly SpanRecord[]): Promise<readonly string[]> {
    const traceIds = new Set(fresh.map((span) => span.traceId))
    const sentOn = new Set([...traceIds].flatMap((traceId) => [...senderAncestors(this.#traces.get(traceId) ?? [])]))
    const bridges = await findContinuations(this.#pool, fresh, sentOn, ({ traceId, spanId }) =>
      this.spans.has(`${traceId}${spanId}`),
    )
    this.bridges.push(...bridges)
    return bridges.flatMap(({ to }) => (this.#want({ ...to, messageKey: null }) ? [to.traceId] : []))
  }

  /** Traces whose messages carry, by their records, the id that the record of one of these spans' messages carries. */
  async #findNamesakes(fresh: readonly SpanRecord[]): Promise<readonly string[]> {
    const own = new Set(fresh.map(({ traceId, spanId }) => `${traceId}${spanId}`))
    const ids: string[] = []
    for (const { ends, ...name } of await readNamesOfTraces(this.#pool, [
      ...new Set(fresh.map((one) => one.traceId)),
    ])) {
      if (!ends.some(({ traceId, spanId }) => own.has(`${traceId}${spanId}`))) continue
      if (name.id !== this.#flowKey && !this.names.has(name.id))
        this.names.set(name.id, { ...name, joinedTraceCount: 0 })
      if (!this.#namesAsked.has(name.id)) ids.push(name.id)
    }
    if (!isTraceId(this.#flowKey) && !this.#namesAsked.has(this.#flowKey)) ids.push(this.#flowKey)
    for (const id of ids) this.#namesAsked.add(id)
    const reached = new Set<string>()
    const byId = Map.groupBy(await readMessagesNamed(this.#pool, [...new Set(ids)]), ({ id }) => id)
    for (const [id, messages] of byId) {
      if (messages.length > MAX_NAMED_TRACES) {
        this.caps.add(
          `${id}, which records carry, is on more than ${MAX_NAMED_TRACES} traces: they are not joined by it`,
        )
        continue
      }
      const joined = new Set<string>()
      for (const end of messages.flatMap(({ ends }) => ends)) {
        const isNew = !this.#wanted.has(end.traceId)
        if (!this.#want({ ...end, messageKey: null })) continue
        reached.add(end.traceId)
        if (isNew) joined.add(end.traceId)
      }
      const name = this.names.get(id)
      if (name !== undefined) this.names.set(id, { ...name, joinedTraceCount: joined.size })
    }
    return [...reached]
  }

  /** Whether the trace has to be looked at again. */
  #want({ traceId, spanId, messageKey }: FoundReceiver): boolean {
    let wanted = this.#wanted.get(traceId)
    if (wanted === undefined) {
      if (this.#wanted.size >= MAX_TRACES) {
        this.caps.add(`the flow reaches more than ${MAX_TRACES} traces`)
        return false
      }
      wanted = { isMember: false, entries: new Map() }
      this.#wanted.set(traceId, wanted)
    }
    if (wanted.isMember) return false
    const keys = wanted.entries.get(spanId)
    if (keys !== undefined && (messageKey === null || keys.has(messageKey))) return false
    wanted.entries.set(spanId, new Set([...(keys ?? []), ...(messageKey === null ? [] : [messageKey])]))
    return true
  }
}
