import { SLOT_COUNT, slotOfKey } from '#domain/trace/attribute-slots.ts'
import {
  applyRule,
  compileRules,
  type CorrelationRule,
  type RuleFinding,
  spanKeysOf,
} from '#domain/trace/correlation-rule.ts'
import { findCorrelationId, usableId } from '#domain/trace/find-correlation-id.ts'
import { attributeText, readNamedAttributes } from '#domain/trace/read-named-attributes.ts'
import { readMessagingFacts } from '#domain/trace/read-messaging-facts.ts'
import type { MessagingOperation } from '#domain/trace/span.ts'

/** A stored span about a message, with what is needed to look for its correlation id anew. */
export interface SampledMessage {
  readonly traceId: string
  readonly spanId: string
  readonly service: string
  readonly spanName: string
  readonly atUs: number
  readonly system: string
  readonly operation: MessagingOperation
  readonly destination: string
  /** The instrumentation. */
  readonly scope: string | null
  /** The correlation id under which it is stored. */
  readonly storedId: string | null
  readonly attributes: Readonly<Record<string, unknown>>
}

/** Who decided: the draft, a more specific rule, the conventions because the rule found nothing there, or nobody. */
export type Decider = 'draft' | 'other-rule' | 'conventions' | 'nobody'

export interface PreviewedMessage extends Omit<SampledMessage, 'attributes' | 'scope'> {
  /** What its correlation id would be. */
  readonly id: string | null
  readonly decidedBy: Decider
  /** The name of the draft that gave the id. */
  readonly name: string | null
  readonly refused: RuleFinding['refused']
}

/** An attribute or captured header that the sampled messages carry. */
export interface SeenName {
  readonly name: string
  readonly messageCount: number
  readonly distinctCount: number
  readonly example: string
}

export interface RulePreview {
  readonly messages: readonly PreviewedMessage[]
  readonly counts: Readonly<Record<Decider, number>>
  readonly changedCount: number
  /** Different ids that the draft gives. */
  readonly distinctIdCount: number
  /** The id that the draft gives to most of the traces; an id on many of them is no id of a flow. */
  readonly widest: { readonly id: string; readonly traceCount: number } | null
  readonly names: readonly SeenName[]
}

const MAX_NAMES = 24

/** What ids messages would get if the draft stood beside the other rules. */
export function previewRule(
  draft: CorrelationRule,
  others: readonly CorrelationRule[],
  samples: readonly SampledMessage[],
): RulePreview {
  const rules = compileRules([...others, draft])
  const counts = { draft: 0, 'other-rule': 0, conventions: 0, nobody: 0 }
  const tracesOfId = new Map<string, Set<string>>()
  const messages = samples.map((sample) => {
    const message = previewMessage(sample, rules.find(sample.system, sample.destination), draft)
    counts[message.decidedBy] += 1
    if (message.decidedBy === 'draft' && message.id !== null)
      tracesOfId.set(message.id, (tracesOfId.get(message.id) ?? new Set()).add(message.traceId))
    return message
  })
  const widest = [...tracesOfId]
    .map(([id, traces]) => ({ id, traceCount: traces.size }))
    .reduce<RulePreview['widest']>((most, one) => (one.traceCount > (most?.traceCount ?? 0) ? one : most), null)
  return {
    messages,
    counts,
    changedCount: messages.filter(({ id, storedId }) => id !== storedId).length,
    distinctIdCount: tracesOfId.size,
    widest,
    names: seenNames(samples),
  }
}

function previewMessage(sample: SampledMessage, rule: CorrelationRule | null, draft: CorrelationRule) {
  const { attributes, scope, ...shown } = sample
  const isNone = rule !== null && rule.names.length === 0
  const finding = rule === null || isNone ? NOTHING_FOUND : applyRule(rule, spanKeysOf, readNamedAttributes(attributes))
  const ruled = isNone || finding.id !== null ? { correlationId: finding.id } : null
  const slots: (string | null)[] = Array.from({ length: SLOT_COUNT }, () => null)
  for (const [key, value] of Object.entries(attributes)) {
    const slot = slotOfKey(key)
    if (slot >= 0) slots[slot] = attributeText(value)
  }
  const facts = readMessagingFacts(slots, sample.spanName, sample.operation === 'send' ? 'producer' : 'consumer')
  const { correlationId } = findCorrelationId(slots, facts, scope, ruled)
  const decidedBy: Decider =
    ruled !== null ? (rule === draft ? 'draft' : 'other-rule') : correlationId === null ? 'nobody' : 'conventions'
  return {
    ...shown,
    id: correlationId,
    decidedBy,
    name: rule === draft ? finding.name : null,
    refused: rule === draft ? finding.refused : [],
  }
}

const NOTHING_FOUND: RuleFinding = { id: null, name: null, refused: [] }

/** Names that could be in a rule, those with the most different values first: what is the same everywhere is no id. */
function seenNames(samples: readonly SampledMessage[]): readonly SeenName[] {
  const seen = new Map<string, string[]>()
  for (const { attributes } of samples) {
    for (const [name, value] of Object.entries(attributes)) {
      const id = usableId(attributeText(value))
      if (id === null || !isCandidate(name)) continue
      const values = seen.get(name)
      if (values === undefined) seen.set(name, [id])
      else values.push(id)
    }
  }
  return [...seen]
    .map(([name, values]) => ({
      name,
      messageCount: values.length,
      distinctCount: new Set(values).size,
      example: values[0] ?? '',
    }))
    .toSorted(
      (a, b) => b.distinctCount - a.distinctCount || b.messageCount - a.messageCount || (a.name < b.name ? -1 : 1),
    )
    .slice(0, MAX_NAMES)
}

/** What the conventions of messaging, networks and processes name is never the id of a flow, but for captured headers. */
const isCandidate = (name: string): boolean =>
  /^messaging\.(?:message\.)?header\./.test(name) ||
  !/^(?:messaging|network|net|server|client|thread|code|rpc|url|http|peer|error|exception|otel)\./.test(name)
