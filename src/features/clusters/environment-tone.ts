import { isProduction } from '#domain/access/is-production.ts'
import type { Tone } from '#ui/tone.ts'

/** How careful one has to be: production is red, its rehearsals amber, the rest plain. */
export function environmentTone(environment: string): Extract<Tone, 'bad' | 'warn' | 'unknown'> {
  const name = environment.toLowerCase()
  if (isProduction(name)) return 'bad'
  return /^(stag|pre-?prod|uat|acceptance)/.test(name) ? 'warn' : 'unknown'
}

/** Most dangerous first; names of one danger alphabetically. */
export function rankEnvironments(environments: readonly string[]): readonly string[] {
  const order = ['bad', 'warn', 'unknown']
  return [...new Set(environments)].toSorted(
    (a, b) => order.indexOf(environmentTone(a)) - order.indexOf(environmentTone(b)) || a.localeCompare(b),
  )
}
