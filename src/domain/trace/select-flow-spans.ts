import {
  createOutputSorter,
  indexOutputs,
  isBatchScope,
  type OutputIndex,
  type OutputOwner,
} from '#domain/trace/batch-outputs.ts'
import type { SpanRecord } from '#domain/trace/span.ts'

/** Spans of a trace that belong to a flow. */
export interface SelectedSpans {
  readonly chosen: ReadonlySet<string>
  /** Of these: sends of a batch that may as well be of another flow. What became of their messages is not followed. */
  readonly unclear: ReadonlySet<string>
}

interface Standing {
  readonly isOwn: boolean
  readonly isUnclear: boolean
  /** Inside the work of several messages: says whose an output is. */
  readonly sortOutput: ((output: SpanRecord) => OutputOwner) | null
}

const OWN: Standing = { isOwn: true, isUnclear: false, sortOutput: null }
const FOREIGN: Standing = { isOwn: false, isUnclear: false, sortOutput: null }
const UNCLEAR: Standing = { isOwn: true, isUnclear: true, sortOutput: null }

/**
 * Which spans of one trace belong to a flow when the trace holds more than that flow: those that carry its key, those
 * that received one of its messages (`entries`, with the record keys of those messages), what happened under them, and
 * the spans that enclose them. A span that received messages of others only is where another flow begins; a key that
 * changes on the way (a library that makes one per message) does not end what parents say. Below a span that stands for several messages the outputs are told apart by {@link createOutputSorter}.
 */
export function selectFlowSpans(
  trace: readonly SpanRecord[],
  flowKey: string,
  entries: ReadonlyMap<string, ReadonlySet<string>>,
): SelectedSpans {
  const standings = new Standings(trace, flowKey, entries)
  const chosen = new Set<string>()
  const unclear = new Set<string>()
  for (const span of trace) {
    const { isOwn, isUnclear } = standings.of(span)
    if (isOwn) chosen.add(span.spanId)
    if (isOwn && isUnclear) unclear.add(span.spanId)
  }
  standings.addEnclosing(chosen)
  return { chosen, unclear }
}

class Standings {
  readonly #trace: readonly SpanRecord[]
  readonly #flowKey: string
  readonly #entries: ReadonlyMap<string, ReadonlySet<string>>
  readonly #byId: ReadonlyMap<string, SpanRecord>
  readonly #known = new Map<string, Standing>()
  /** What the trace sent, once somebody asks. */
  #outputs: OutputIndex | null = null
  /** Polls around an entry: they hold the outputs of all their messages. */
  readonly #polls = new Map<string, Set<string>>()

  constructor(trace: readonly SpanRecord[], flowKey: string, entries: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#trace = trace
    this.#flowKey = flowKey
    this.#entries = entries
    this.#byId = new Map(trace.map((span) => [span.spanId, span]))
    for (const [spanId, keys] of entries) {
      const parent = this.#byId.get(this.#byId.get(spanId)?.parentSpanId ?? '')
      if (parent?.messaging?.operation !== 'receive' || !isBatchScope(parent)) continue
      const known = this.#polls.get(parent.spanId) ?? new Set()
      for (const key of keys) known.add(key)
      this.#polls.set(parent.spanId, known)
    }
  }

  /** Walks up to what is known and then down again; parents that form a circle decide nothing. */
  of(span: SpanRecord): Standing {
    const path: SpanRecord[] = []
    let current: SpanRecord | undefined = span
    let standing = FOREIGN
    while (current !== undefined) {
      const known = this.#known.get(current.spanId) ?? this.#decideAlone(current)
      if (known !== null) {
        standing = known
        this.#known.set(current.spanId, known)
        break
      }
      this.#known.set(current.spanId, FOREIGN)
      path.push(current)
      current = current.parentSpanId === null ? undefined : this.#byId.get(current.parentSpanId)
    }
    for (const below of path.toReversed()) {
      standing = inherit(below, standing)
      this.#known.set(below.spanId, standing)
    }
    return standing
  }

  #decideAlone(span: SpanRecord): Standing | null {
    const entry = this.#entries.get(span.spanId) ?? this.#polls.get(span.spanId)
    if (entry !== undefined && isBatchScope(span)) return { ...OWN, sortOutput: this.#sorterFor(entry) }
    if (entry !== undefined || span.correlationId === this.#flowKey) return OWN
    return isReceiver(span) ? FOREIGN : null
  }

  #sorterFor(ownKeys: ReadonlySet<string>): (output: SpanRecord) => OutputOwner {
    this.#outputs ??= indexOutputs(this.#trace.filter(isSender))
    return createOutputSorter(this.#outputs, ownKeys)
  }

  addEnclosing(chosen: Set<string>): void {
    for (const { spanId } of this.#trace) {
      if (!chosen.has(spanId)) continue
      let parent = this.#byId.get(spanId)?.parentSpanId ?? null
      while (parent !== null && this.#byId.has(parent) && !chosen.has(parent)) {
        chosen.add(parent)
        parent = this.#byId.get(parent)?.parentSpanId ?? null
      }
    }
  }
}

function inherit(span: SpanRecord, above: Standing): Standing {
  if (!above.isOwn) return FOREIGN
  if (above.isUnclear) return isAnyReceiver(span) ? FOREIGN : UNCLEAR
  if (above.sortOutput === null || !isSender(span)) return above
  if (span.correlationId !== null) return FOREIGN
  const owner = above.sortOutput(span)
  return owner === 'own' ? OWN : owner === 'other' ? FOREIGN : UNCLEAR
}

const isSender = ({ messaging }: SpanRecord): boolean =>
  messaging?.operation === 'send' || messaging?.operation === 'create'

const isAnyReceiver = ({ messaging }: SpanRecord): boolean =>
  messaging?.operation === 'process' || messaging?.operation === 'receive'

const isReceiver = (span: SpanRecord): boolean => span.links.length > 0 && isAnyReceiver(span)
