import { draftPlan, type ManifestFacts, type PlanTerms } from '#domain/operation/draft-plan.ts'
import type { RedrivePlan } from '#domain/operation/redrive-plan.ts'

/** What is known of the file beside its manifest. */
export interface FileFacts {
  readonly payloadBytes: number
  /** Targets at which dead letters land. */
  readonly deadLetterPlaces: readonly string[]
  /** Operations that have sent the very same bytes, newest first. */
  readonly earlier: readonly { readonly number: number; readonly clusterId: string; readonly target: string | null }[]
}

const NAMES_SHOWN = 3

/** The dry run of an import: what a redrive's says, and what is peculiar to a file. */
export function draftImportPlan(facts: ManifestFacts, file: FileFacts, terms: PlanTerms): RedrivePlan {
  const plan = draftPlan({ ...facts, payloadBytes: file.payloadBytes }, terms)
  const warnings = [...plan.warnings]
  const { earlier, deadLetterPlaces } = file
  if (earlier.length > 0) {
    const shown = earlier.slice(0, NAMES_SHOWN).map((one) => {
      const where = one.target === null ? `the origins on ${one.clusterId}` : `${one.target} on ${one.clusterId}`
      return `op-${one.number} to ${where}`
    })
    warnings.unshift(
      `The very same file has been imported before: ${shown.join(', ')}. Whatever arrived then comes again.`,
    )
  }
  if (deadLetterPlaces.length > 0) {
    const names = deadLetterPlaces.slice(0, NAMES_SHOWN).join(', ')
    warnings.push(`Dead letters land in ${names}: what is sent there is listed as dead letters again.`)
  }
  return { ...plan, warnings }
}
