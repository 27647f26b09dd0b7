import type { EditStep } from '#domain/edit/edit-step.ts'
import { parseExactJson } from '#domain/edit/exact-json.ts'
import { parseFieldPath } from '#domain/edit/field-path.ts'
import { toFailure } from '#domain/failure.ts'

/** Headers that the engine writes itself on every copy. */
const RESERVED = /^(?:throughline-|traceparent$|tracestate$)/i

/** Why a step can never be applied, in words; null when it can be tried. */
export function checkEditStep(step: EditStep): string | null {
  if (step.part === 'header') {
    if (step.at.trim() === '') return 'the header has no name'
    if (RESERVED.test(step.at) || (step.act === 'rename' && RESERVED.test(step.to))) {
      return `${step.at} is written by the redrive itself`
    }
    return step.act === 'rename' && step.to.trim() === '' ? 'the new name is missing' : null
  }
  try {
    parseFieldPath(step.at)
  } catch (error) {
    return toFailure(error).message
  }
  if (step.act === 'rename') return step.to === '' || step.to === '__proto__' ? 'the new name is missing' : null
  if (step.act === 'remove') return null
  try {
    parseExactJson(step.value)
    return null
  } catch {
    // The parser's own words speak of positions in a text of one word; this says what to write instead.
    return `${step.value === '' ? 'an empty value' : step.value} is no JSON: text stands in quotes, "EUR"`
  }
}
