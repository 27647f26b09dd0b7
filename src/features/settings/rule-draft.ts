import { type CorrelationRule, correlationRuleSchema } from '#domain/trace/correlation-rule.ts'

/** A rule as it is being written. */
export interface RuleDraft {
  readonly destination: string
  /** Empty = any. */
  readonly system: string
  /** Whether the messages carry an id of a flow at all. */
  readonly takes: 'names' | 'nothing'
  /** One name per line, best first. */
  readonly names: string
}

export const EMPTY_DRAFT: RuleDraft = { destination: '', system: '', takes: 'names', names: '' }

export const draftOf = (rule: CorrelationRule): RuleDraft => ({
  destination: rule.destination,
  system: rule.system ?? '',
  takes: rule.names.length === 0 ? 'nothing' : 'names',
  names: rule.names.join('\n'),
})

export type DraftField = 'destination' | 'system' | 'names'

export type ReadDraft =
  | { readonly rule: CorrelationRule; readonly problems: null }
  | { readonly rule: null; readonly problems: Readonly<Partial<Record<DraftField, string>>> }

/** The rule that a draft means, or what is wrong with which field. */
export function readDraft(draft: RuleDraft): ReadDraft {
  const lines = draft.names
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  if (draft.takes === 'names' && lines.length === 0)
    return { rule: null, problems: { names: 'Name at least one attribute or header.' } }
  const parsed = correlationRuleSchema.safeParse({
    destination: draft.destination,
    system: draft.system.trim() === '' ? null : draft.system,
    names: draft.takes === 'nothing' ? [] : lines,
  })
  if (parsed.success) return { rule: parsed.data, problems: null }
  const problems: Partial<Record<DraftField, string>> = {}
  for (const { path, message } of parsed.error.issues) {
    const [field, index] = path
    if (field !== 'destination' && field !== 'system' && field !== 'names') continue
    const sentence = typeof index === 'number' ? `Line ${index + 1}: ${message}` : message
    problems[field] ??= `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`
  }
  return { rule: null, problems }
}
