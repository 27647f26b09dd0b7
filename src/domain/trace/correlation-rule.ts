import { z } from 'zod'
import { foldKey } from '#domain/trace/attribute-slots.ts'
import { usableId } from '#domain/trace/find-correlation-id.ts'
import { matchesGlob } from '#domain/trace/match-glob.ts'

/** More rules than this are a convention that should be in the services. */
export const MAX_CORRELATION_RULES = 200

/** Where the messages of some destinations carry the id of their flow; goes before the order of the conventions. */
export interface CorrelationRule {
  /** `kafka`, `rabbitmq` ... as spans name it; null = any. */
  readonly system: string | null
  /** A name, in which `*` stands for any run of characters. */
  readonly destination: string
  /** Attributes or headers, best first, in any spelling; none = what stands there is no id of a flow. */
  readonly names: readonly string[]
}

export const correlationRuleSchema = z.object({
  system: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^[a-z0-9][a-z0-9_.-]{0,59}$/, 'a system as spans name it: kafka, rabbitmq, aws_sqs')
    .nullable(),
  destination: z
    .string()
    .trim()
    .min(1, 'names no destination; * means all')
    .max(300, 'is longer than 300 characters')
    .regex(/^[^\p{Cc}]*$/u, 'holds control characters')
    .refine((pattern) => pattern.split('*').length - 1 <= 8, 'holds more than eight *'),
  names: z
    .array(
      z
        .string()
        .trim()
        .regex(/^[\x21-\x7e]{1,200}$/, 'a name has no blanks and at most 200 characters'),
    )
    .max(10, 'at most ten names')
    .refine((names) => new Set(names.map(foldKey)).size === names.length, 'one name stands there twice'),
})

/** Most specific first: names before patterns, longer patterns before shorter ones, a named system before any. */
export function orderRules<Rule extends CorrelationRule>(rules: readonly Rule[]): readonly Rule[] {
  return rules.toSorted(
    (a, b) =>
      Number(isPattern(a)) - Number(isPattern(b)) ||
      literalLength(b) - literalLength(a) ||
      Number(a.system === null) - Number(b.system === null) ||
      (a.destination < b.destination ? -1 : a.destination > b.destination ? 1 : 0) ||
      ((a.system ?? '') < (b.system ?? '') ? -1 : 1),
  )
}

const isPattern = ({ destination }: CorrelationRule): boolean => destination.includes('*')
const literalLength = ({ destination }: CorrelationRule): number => destination.replaceAll('*', '').length

/** The rules of an installation, ready to be asked for every message. */
export interface CorrelationRules {
  readonly isEmpty: boolean
  /** The most specific rule for a destination; null when the conventions alone decide. */
  find(system: string, destination: string | null): CorrelationRule | null
}

export const NO_CORRELATION_RULES: CorrelationRules = { isEmpty: true, find: () => null }

/** Destinations whose rule is remembered; names that are made up as they go must not fill the memory. */
const MAX_REMEMBERED = 2_000
/** No broker allows longer names; rules do not apply to what claims to have one. */
const MAX_DESTINATION_LENGTH = 500

export function compileRules(rules: readonly CorrelationRule[]): CorrelationRules {
  if (rules.length === 0) return NO_CORRELATION_RULES
  const ordered = orderRules(rules)
  const remembered = new Map<string, CorrelationRule | null>()
  const search = (system: string, destination: string): CorrelationRule | null =>
    ordered.find(
      (rule) => (rule.system === null || rule.system === system) && matchesGlob(rule.destination, destination),
    ) ?? null
  return {
    isEmpty: false,
    find: (system, destination) => {
      if (destination !== null && destination.length > MAX_DESTINATION_LENGTH) return null
      const key = `${system}\u0000${destination ?? ''}`
      const known = remembered.get(key)
      if (known !== undefined) return known
      const found = search(system, destination ?? '')
      if (remembered.size >= MAX_REMEMBERED) remembered.clear()
      remembered.set(key, found)
      return found
    },
  }
}

export interface RuleFinding {
  /** null when the message has none of the names, or only values that cannot be an id. */
  readonly id: string | null
  /** The name that gave the id. */
  readonly name: string | null
  /** What stood under an earlier name and cannot be an id: `null`, `0`, zeros. */
  readonly refused: readonly { readonly name: string; readonly value: string }[]
}

/** Reads the id of a message as the rule says. `read` is asked by folded key, see {@link spanKeysOf}. */
export function applyRule(
  rule: CorrelationRule,
  keysOf: (name: string) => readonly string[],
  read: (foldedKey: string) => string | null,
): RuleFinding {
  const refused: { name: string; value: string }[] = []
  for (const name of rule.names) {
    for (const key of keysOf(name)) {
      const value = read(key)
      if (value === null) continue
      const id = usableId(value)
      if (id !== null && !/[\p{Cc}\ufffd]/u.test(id)) return { id, name, refused }
      refused.push({ name, value: value.slice(0, 100) })
    }
  }
  return { id: null, name: null, refused }
}

const HEADER_PREFIX = /^messaging_(?:message_)?header_/

/** The folded attribute keys under which a span may carry a name: as it is, or as a header that was captured. */
export function spanKeysOf(name: string): readonly string[] {
  const folded = foldKey(name)
  return HEADER_PREFIX.test(folded)
    ? [folded]
    : [folded, `messaging_header_${folded}`, `messaging_message_header_${folded}`]
}

/** The folded header under which a message carries a name. */
export const headerKeysOf = (name: string): readonly string[] => [foldKey(name).replace(HEADER_PREFIX, '')]
