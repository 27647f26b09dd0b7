import { foldKey } from '#domain/trace/attribute-slots.ts'
import { applyRule, type CorrelationRules, spanKeysOf } from '#domain/trace/correlation-rule.ts'
import type { RuledId } from '#domain/trace/find-correlation-id.ts'
import { attributeText } from '#domain/trace/read-named-attributes.ts'
import type { MessagingFacts } from '#domain/trace/span.ts'
import { type AttributeList, VALUE_SEPARATOR } from '#otlp/attribute-list.ts'
import type { KeySet } from '#otlp/key-set.ts'

interface Place {
  readonly at: number
  readonly isJson: boolean
}

/** Where the values of a set stand, by folded key: spans of one kind share the set, so it is worked out once for them. */
const placesOfSet = new WeakMap<KeySet, ReadonlyMap<string, Place>>()

/** What the rules say of a span that is being read; null when there is none for it, or it found nothing. */
export function readRuledId(rules: CorrelationRules, facts: MessagingFacts, attributes: AttributeList): RuledId | null {
  const rule = rules.find(facts.system, facts.destination)
  if (rule === null) return null
  if (rule.names.length === 0) return { correlationId: null }
  const places = placesOf(attributes.keySet)
  let values: readonly string[] | null = null
  const { id } = applyRule(rule, spanKeysOf, (key) => {
    const place = places.get(key)
    if (place === undefined) return null
    values ??= attributes.values.written().toString('utf8').split(VALUE_SEPARATOR)
    const value = values[place.at] ?? ''
    return attributeText(place.isJson ? JSON.parse(value) : value)
  })
  return id === null ? null : { correlationId: id }
}

function placesOf(keySet: KeySet): ReadonlyMap<string, Place> {
  const known = placesOfSet.get(keySet)
  if (known !== undefined) return known
  const places = new Map<string, Place>()
  for (const [at, { key, isJson }] of keySet.entries().entries()) {
    const folded = foldKey(key.text)
    if (!places.has(folded)) places.set(folded, { at, isJson })
  }
  placesOfSet.set(keySet, places)
  return places
}
