import type { BoundValues } from '#telemetry-store/postgres/bound-values.ts'
import { failureMark, hashOfMark, kindOfAttribute, MARK } from '#telemetry-store/postgres/flow-mark.ts'
import { type AttributePlaces, hasAttribute } from '#telemetry-store/postgres/span-attribute.ts'
import type { FlowQuery } from '#telemetry-store/telemetry-store.ts'

/** True for a row `f` of flow that stands for itself: not for a trace that has a keyed flow, nor a later day of an older row. */
export const IS_OWN_ROW = `not case when f.is_fallback then exists
      (select from flow_member m where m.trace_id = f.flow_key::uuid and m.flow_key <> f.flow_key) else false end
    and not exists (select from flow earlier where earlier.flow_key = f.flow_key and earlier.ingest_day < f.ingest_day)`

/** As in the indexes flow_long and flow_very_long. */
export const LONG_FLOW_US = 10_000_000
const VERY_LONG_FLOW_US = 600_000_000

/** What is asked of the status, word for word as in the partial indexes of flow. */
const STATUS_CONDITIONS: Readonly<Record<FlowQuery['status'], string | null>> = {
  all: null,
  error: '(f.error_count > 0 or f.dead_letter_count > 0)',
  'dead-lettered': '(f.error_count > 0 or f.dead_letter_count > 0) and f.dead_letter_count > 0',
  redriven: 'f.redriven_count > 0',
  ok: 'f.error_count = 0 and f.dead_letter_count = 0',
}

const statusCondition = (query: FlowQuery): string => STATUS_CONDITIONS[query.status] ?? 'true'

/** What a row `f` must be that partial indexes are made for: of that status, and long where only that can be. */
export function indexedConditions(query: FlowQuery, isLongOnly: boolean): string {
  const leastUs = Math.max(query.minDurationUs ?? 0, isLongOnly ? LONG_FLOW_US : 0)
  const length =
    leastUs >= VERY_LONG_FLOW_US ? 'f.length_class >= 2' : leastUs >= LONG_FLOW_US ? 'f.length_class >= 1' : 'true'
  return `${statusCondition(query)} and ${length}`
}

/** What a row `f` of flow must say of itself. */
export function rowConditions(bound: BoundValues, query: FlowQuery): string {
  const conditions = [statusCondition(query)]
  const has = (column: string, name: string | null | undefined) => {
    if (name !== null && name !== undefined) conditions.push(`${bound.bind(name)} = any(f.${column})`)
  }
  has('services', query.service)
  has('destinations', query.destination)
  has('consumer_groups', query.consumerGroup)
  const { minDurationUs, maxDurationUs } = query
  if (minDurationUs !== null) conditions.push(`f.ended_us - f.started_us >= ${bound.bind(minDurationUs)}::bigint`)
  if (maxDurationUs !== null && maxDurationUs !== undefined)
    conditions.push(`f.ended_us - f.started_us <= ${bound.bind(maxDurationUs)}::bigint`)
  return conditions.join(' and ')
}

/** One thing that is looked up among the postings: its kind, and the value, or the least value, in SQL terms. */
export interface MarkQuestion {
  readonly kind: number
  /** null = any value. */
  readonly value: string | null
  readonly isLeast: boolean
}

/** Whether postings of the attribute reach back over all of the window. */
export const isPosted = ({ attribute, fromUs }: FlowQuery): boolean =>
  (attribute?.index?.completeFromUs ?? Number.POSITIVE_INFINITY) <= fromUs

/** What of a question the postings answer for all of its window, what singles out most first. */
export function markQuestions(query: FlowQuery): readonly MarkQuestion[] {
  const { messageKey, failure, minAttempt, minDwellUs } = query
  const attribute = isPosted(query) ? query.attribute : null
  const questions: MarkQuestion[] = []
  const addText = (kind: number, text: string | null) =>
    questions.push({ kind, value: text === null ? null : hashOfMark(text), isLeast: false })
  if (messageKey) addText(MARK.messageKey, messageKey)
  if (attribute?.index && attribute.value !== null) addText(kindOfAttribute(attribute.index.number), attribute.value)
  if (failure) addText(MARK.failure, failureMark(failure))
  if (minAttempt && minAttempt > 1) questions.push({ kind: MARK.attempt, value: String(minAttempt), isLeast: true })
  if (minDwellUs) questions.push({ kind: MARK.waited, value: String(minDwellUs), isLeast: true })
  if (attribute?.index && attribute.value === null) addText(kindOfAttribute(attribute.index.number), null)
  return questions
}

/** The condition on a row `p` of flow_mark; the kind stands in the text, so that partial indexes are seen. */
export function markCondition(bound: BoundValues, { kind, value, isLeast }: MarkQuestion): string {
  const group = kind >= MARK.failure ? 'p.kind >= 3' : 'p.kind < 3'
  const isKind = `p.kind = ${kind} and ${group}`
  if (value === null) return isKind
  return `${isKind} and p.value ${isLeast ? '>=' : '='} ${bound.bind(value)}::bigint`
}

const TRACES = '(select m.trace_id from flow_member m where m.flow_key = f.flow_key)'

/** That the flow of a row `f` has a posting, at any time of its life. */
export function flowHasMark(bound: BoundValues, question: MarkQuestion): string {
  return `exists (select from flow_mark p where ${markCondition(bound, question)}
    and p.at_us >= f.started_us and p.at_us <= f.ended_us and (p.flow_key = f.flow_key or p.trace_id in ${TRACES}))`
}

/** That a span of the flow of a row `f` has the attribute. */
export function flowHasAttribute(bound: BoundValues, places: AttributePlaces): string {
  return `exists (select from span s where s.trace_id in ${TRACES} and ${hasAttribute(bound, places)}
    and (s.correlation_id is null or s.correlation_id = f.flow_key or f.is_fallback))`
}
